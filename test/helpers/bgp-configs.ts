import fc from 'fast-check';
import type { ElementChange } from '../../src/core/step.ts';
import { elementsOf, parseConfig } from '../../src/routers/bigip/config/config.ts';
import type { LineValue } from '../../src/routers/bigip/config/lines.ts';
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

type Entry = readonly [string, LineValue];

/** Attributes of a neighbor or group, any of them. */
const attributes = (
  whose: string,
  more: Readonly<Record<string, fc.Arbitrary<LineValue>>> = {},
): fc.Arbitrary<Entry[]> =>
  fc
    .record(
      {
        'update-source': fc.constantFrom('internal', '10.0.0.20'),
        'ebgp-multihop': fc.constantFrom('2', '255', true),
        password: fc.constant(true),
        timers: fc.constantFrom('3 9', '30 90'),
        'timers connect': fc.constantFrom('5', '10'),
        'maximum-prefix': fc.constantFrom('100', '10 warning-only'),
        'soft-reconfiguration': fc.constant('inbound'),
        'prefix-list in': fc.constantFrom('cpaas-a-pods', 'theirs'),
        activate: fc.constant(false),
        ...more,
      },
      { requiredKeys: [] },
    )
    .map((values) =>
      Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[`${whose} ${key}`, value]])),
    );

/** What a group has, its members may not have themselves. */
const outbound = { 'prefix-list out': fc.constantFrom('cpaas-a-nothing', 'theirs') };

const inFamily = (address: string): fc.Arbitrary<Entry[]> =>
  fc
    .record(
      {
        activate: fc.constant(true),
        'maximum-prefix': fc.constantFrom('100', '10 warning-only'),
        'soft-reconfiguration': fc.constant('inbound'),
        'prefix-list in': fc.constantFrom('cpaas-a-pods', 'theirs'),
        'prefix-list out': fc.constantFrom('cpaas-a-nothing', 'theirs'),
      },
      { requiredKeys: [] },
    )
    .map((values) =>
      Object.entries(values).flatMap(([key, value]) =>
        value === undefined ? [] : [[`ipv6 neighbor ${address} ${key}`, value]],
      ),
    );

const joined = (...parts: fc.Arbitrary<readonly Entry[]>[]): fc.Arbitrary<readonly Entry[]> =>
  fc.tuple(...parts).map((all) => all.flat());

const neighbor = (address: string): fc.Arbitrary<readonly Entry[]> => {
  const whose = `neighbor ${address}`;
  const member = fc.constantFrom('red', 'blue').map((name): Entry[] => [[`${whose} peer-group`, name]]);
  const alone = fc.constantFrom('65001', '4201000050').map((as): Entry[] => [[`${whose} remote-as`, as]]);
  return fc.oneof(
    fc.constant([]),
    joined(member, attributes(whose), inFamily(address)),
    joined(alone, attributes(whose, outbound), inFamily(address)),
  );
};

const group = (name: string): fc.Arbitrary<readonly Entry[]> =>
  joined(
    fc.constantFrom('64512', '65003').map((as): Entry[] => [
      [`neighbor ${name} peer-group`, true],
      [`neighbor ${name} remote-as`, as],
    ]),
    attributes(`neighbor ${name}`, outbound),
  );

const globals = fc.record(
  {
    'bgp extended-asn-cap': fc.constant(true),
    'ip prefix-list cpaas-a-pods seq 5': fc.constantFrom('permit 10.53.0.0/16 ge 26 le 32', 'permit 10.54.0.0/16'),
    'ip prefix-list cpaas-a-pods seq 10': fc.constant('deny 0.0.0.0/0 le 32'),
    'ipv6 prefix-list six seq 5': fc.constant('permit 2001:db8::/32 le 128'),
  },
  { requiredKeys: [] },
);
const settings = fc.record(
  {
    'bgp router-id': fc.constantFrom('10.0.0.20', '10.0.0.21'),
    'bgp log-neighbor-changes': fc.constant(true),
    'bgp graceful-restart restart-time': fc.constantFrom('120', '240'),
    'bgp graceful-restart stalepath-time': fc.constant('60'),
    'timers bgp': fc.constantFrom('3 9', '30 90'),
  },
  { requiredKeys: [] },
);

/** Configurations that can stand on a device: members only of groups that are there. */
export const config: fc.Arbitrary<Config> = fc
  .record({
    as: fc.constantFrom(undefined, '64512', '65000'),
    globals,
    settings,
    groups: fc.tuple(fc.option(group('red')), fc.option(group('blue'))),
    neighbors: fc.tuple(neighbor('10.0.0.1'), neighbor('10.0.0.2'), neighbor('2001:db8::1')),
  })
  .map(({ as, globals, settings, groups, neighbors }) => {
    const elements = new Map<string, LineValue>(Object.entries(globals) as Entry[]);
    if (as === undefined) return elements;
    elements.set('router bgp', as);
    for (const [key, value] of Object.entries(settings) as Entry[]) elements.set(key, value);
    for (const [key, value] of groups.flatMap((each) => each ?? [])) elements.set(key, value);
    for (const lines of neighbors)
      if (lines.every(([key, value]) => !key.endsWith('peer-group') || elements.has(`neighbor ${value} peer-group`)))
        for (const [key, value] of lines) elements.set(key, value);
    return elements;
  });
