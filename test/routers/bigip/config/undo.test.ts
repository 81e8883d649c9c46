import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../../src/routers/bigip/config/config.ts';
import { subjectOf } from '../../../../src/routers/bigip/config/lines.ts';
import { linesOf } from '../../../../src/routers/bigip/config/order.ts';
import { undoingLines } from '../../../../src/routers/bigip/config/undo.ts';
import { planBeside } from '../../../helpers/beside-others.ts';
import { changesBetween, config, goOn, type } from '../../../helpers/bgp-configs.ts';
import { FakeZebos } from '../../../helpers/fake-zebos.ts';
import { zebosText } from '../../../helpers/zebos-texts.ts';

const subjectIn = (line: string): string | undefined => /^(?:no )?neighbor (\S+) /.exec(line)?.[1];

describe('Lines that take a change back', () => {
  test('name nobody of whom the change says nothing', () => {
    fc.assert(
      fc.property(zebosText, (text) => {
        const { changes, wanted: _, ...ordering } = planBeside(text);
        const meant = new Set(changes.map(({ key }) => subjectOf(key)?.name));
        const named = undoingLines(changes, ordering).flatMap((line) => subjectIn(line) ?? []);
        expect(named.filter((name) => !meant.has(name))).toEqual([]);
      }),
    );
  });

  test('lead back from wherever it was cut off, with all that was there', () => {
    fc.assert(
      fc.property(config, config, fc.nat(60), (from, to, cut) => {
        const zebos = new FakeZebos();
        type(zebos, linesOf(changesBetween(new Map(), from), { asNumber: 1, cluster: 'a' }));
        const router = `router bgp ${from.get('router bgp')}`;
        if (from.has('router bgp')) type(zebos, [router, 'redistribute kernel']);
        if (from.has('neighbor 10.0.0.2 remote-as')) type(zebos, [router, 'neighbor 10.0.0.2 route-map X in']);
        const found = zebos.show();
        const asNumber = Number(to.get('router bgp') ?? from.get('router bgp') ?? 1);
        const ordering = { asNumber, cluster: 'a', current: parseConfig(found) };
        const changes = changesBetween(from, to);
        type(zebos, linesOf(changes, ordering).slice(0, cut));
        goOn(zebos, undoingLines(changes, ordering));
        expect(zebos.show().split('\n').toSorted()).toEqual(found.split('\n').toSorted());
      }),
      { numRuns: 250 },
    );
  });
});
