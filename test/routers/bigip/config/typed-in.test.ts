import fc from 'fast-check';
import { expect, test } from 'vitest';
import { elementsOf, parseConfig, type RouterConfig } from '../../../../src/routers/bigip/config/config.ts';
import { linesOf } from '../../../../src/routers/bigip/config/order.ts';
import { typedIn } from '../../../../src/routers/bigip/config/typed-in.ts';
import { changesBetween, config, type } from '../../../helpers/bgp-configs.ts';
import { FakeZebos } from '../../../helpers/fake-zebos.ts';

/** Lines by their context, whatever their order. */
const contents = ({ lines }: RouterConfig): readonly string[] =>
  [...new Set(lines.map(({ context, text }) => `${context}: ${text}`))].toSorted();

test('is what a unit has in force when these lines were typed into it, whatever it had before', () => {
  fc.assert(
    fc.property(config, config, (from, to) => {
      const zebos = new FakeZebos();
      type(zebos, linesOf(changesBetween(new Map(), from), { asNumber: 1, cluster: 'a' }));
      const current = parseConfig(zebos.show());
      const asNumber = Number(to.get('router bgp') ?? from.get('router bgp') ?? 1);
      const lines = linesOf(changesBetween(from, to), { asNumber, cluster: 'a', current });
      const foreseen = typedIn(current, lines);
      type(zebos, lines);
      const real = parseConfig(zebos.show());
      expect(contents(foreseen)).toEqual(contents(real));
      expect(Object.fromEntries(elementsOf(foreseen))).toEqual(Object.fromEntries(elementsOf(real)));
    }),
    { numRuns: 100 },
  );
});

test('lines that are nobody’s stay, and a negative one is a line of its own', () => {
  const text = [
    'router bgp 1',
    ' redistribute kernel',
    ' no neighbor 10.0.0.1 capability route-refresh',
    ' neighbor 10.0.0.1 remote-as 65001',
  ];
  const current = parseConfig([...text, 'end'].join('\n'));
  const from = new Map([['router bgp', '1']]);
  const lines = linesOf(changesBetween(from, new Map([['router bgp', '2']])), { asNumber: 2, cluster: 'a', current });
  expect(contents(typedIn(current, lines))).toEqual([
    ': router bgp 2',
    'router bgp: neighbor 10.0.0.1 remote-as 65001',
    'router bgp: no neighbor 10.0.0.1 capability route-refresh',
    'router bgp: redistribute kernel',
  ]);
});
