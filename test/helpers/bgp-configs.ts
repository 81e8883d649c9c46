import fc from 'fast-check';
import type { ElementChange } from '../../src/core/step.ts';
import { elementsOf, parseConfig } from '../../src/routers/bigip/config.ts';
import type { LineValue } from '../../src/routers/bigip/lines.ts';
import type { FakeZebos, Mode } from './fake-zebos.ts';

export type Config = ReadonlyMap<string, LineValue>;

export const changesBetween = (from: Config, to: Config): readonly ElementChange<LineValue>[] =>
  [...new Set([...from.keys(), ...to.keys()])]
    .filter((key) => from.get(key) !== to.get(key))
    .map((key) => ({ key, from: from.get(key), to: to.get(key), before: undefined, cause: 'wanted' }));

/** Types lines as a conversation does: any answer is a refusal. */
export function type(zebos: FakeZebos, lines: readonly string[]): void {
  let mode: Mode = 'configure';
  for (const line of lines) {
    const reply = zebos.configure(line, mode);
    if (reply.say) throw new Error(`${line}: ${reply.say}\nof: ${lines.join(' | ')}`);
    mode = reply.mode ?? mode;
  }
}

/** Types lines as `imish -f` does: it goes on after whatever is refused. */
export function goOn(zebos: FakeZebos, lines: readonly string[]): void {
  let mode: Mode = 'configure';
  for (const line of lines) mode = zebos.configure(line, mode).mode ?? mode;
}

/** What stands, descriptions apart. */
export const standing = (zebos: FakeZebos): Config =>
  new Map([...elementsOf(parseConfig(zebos.show()))].filter(([key]) => !key.endsWith(' description')));

const neighbor = (address: string) =>
  fc.oneof(
    fc.constant([]),
    fc
      .tuple(fc.constantFrom('red', 'blue'), fc.boolean())
      .map(([group, far]) => [
        [`neighbor ${address} peer-group`, group] as const,
        ...(far ? [[`neighbor ${address} ebgp-multihop`, '2'] as const] : []),
      ]),
    fc
      .tuple(fc.constantFrom('65001', '4201000050'), fc.boolean())
      .map(([as, far]) => [
        [`neighbor ${address} remote-as`, as] as const,
        ...(far ? [[`neighbor ${address} ebgp-multihop`, '2'] as const] : []),
      ]),
  );
const group = (name: string) =>
  fc
    .constantFrom('64512', '65003')
    .map((as) => [[`neighbor ${name} peer-group`, true] as const, [`neighbor ${name} remote-as`, as] as const]);

/** Configurations that can stand on a device: members only of groups that are there. */
export const config: fc.Arbitrary<Config> = fc
  .record({
    as: fc.constantFrom(undefined, '64512', '65000'),
    wide: fc.boolean(),
    restart: fc.option(fc.constantFrom('120', '240'), { nil: undefined }),
    groups: fc.tuple(fc.option(group('red')), fc.option(group('blue'))),
    neighbors: fc.tuple(neighbor('10.0.0.1'), neighbor('10.0.0.2'), neighbor('10.0.0.3')),
  })
  .map(({ as, wide, restart, groups, neighbors }) => {
    const elements = new Map<string, LineValue>();
    if (wide) elements.set('bgp extended-asn-cap', true);
    if (as === undefined) return elements;
    elements.set('router bgp', as);
    if (restart) elements.set('bgp graceful-restart restart-time', restart);
    for (const [key, value] of groups.flatMap((each) => each ?? [])) elements.set(key, value);
    for (const lines of neighbors)
      if (lines.every(([key, value]) => !key.endsWith('peer-group') || elements.has(`neighbor ${value} peer-group`)))
        for (const [key, value] of lines) elements.set(key, value);
    return elements;
  });
