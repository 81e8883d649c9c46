import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ElementChange } from '../../../src/core/step.ts';
import { elementsOf, parseConfig } from '../../../src/routers/bigip/config.ts';
import type { LineValue } from '../../../src/routers/bigip/lines.ts';
import { linesOf } from '../../../src/routers/bigip/order.ts';
import { wantedBgp } from '../../../src/routers/bigip/wanted.ts';
import { FakeZebos, type Mode } from '../../helpers/fake-zebos.ts';

type Config = ReadonlyMap<string, LineValue>;

const changesBetween = (from: Config, to: Config): readonly ElementChange<LineValue>[] =>
  [...new Set([...from.keys(), ...to.keys()])]
    .filter((key) => from.get(key) !== to.get(key))
    .map((key) => ({ key, from: from.get(key), to: to.get(key), before: undefined, cause: 'wanted' }));

/** Types lines as a conversation does: any answer is a refusal. */
function type(zebos: FakeZebos, lines: readonly string[]): void {
  let mode: Mode = 'configure';
  for (const line of lines) {
    const reply = zebos.configure(line, mode);
    if (reply.say) throw new Error(`${line}: ${reply.say}\nof: ${lines.join(' | ')}`);
    mode = reply.mode ?? mode;
  }
}

/** What stands, descriptions apart. */
const standing = (zebos: FakeZebos): Config =>
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
const config: fc.Arbitrary<Config> = fc
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

describe('Lines of a change', () => {
  test('lead from any configuration to any other without a refused line, and leave the rest', () => {
    fc.assert(
      fc.property(config, config, (from, to) => {
        const zebos = new FakeZebos();
        type(zebos, linesOf(changesBetween(new Map(), from), { asNumber: 1, cluster: 'a' }));
        expect(standing(zebos)).toEqual(new Map([...standing(zebos)].filter(([key]) => from.has(key))));
        if (from.has('router bgp')) type(zebos, [`router bgp ${from.get('router bgp')}`, 'redistribute kernel']);
        const current = parseConfig(zebos.show());
        const asNumber = Number(to.get('router bgp') ?? from.get('router bgp') ?? 1);
        type(zebos, linesOf(changesBetween(from, to), { asNumber, cluster: 'a', current }));
        expect(Object.fromEntries(standing(zebos))).toEqual(Object.fromEntries(to));
        if (from.has('router bgp') && to.has('router bgp')) expect(zebos.show()).toContain('redistribute kernel');
      }),
      { numRuns: 400 },
    );
  });

  test('that make a neighbor another way give it back what else it had', () => {
    const current = parseConfig(
      ['router bgp 1', ' neighbor 10.0.0.1 route-map X in', ' neighbor 10.0.0.1 description rack 7', 'end'].join('\n'),
    );
    const from = new Map([['neighbor 10.0.0.1 remote-as', '65001']]);
    const to = new Map([['neighbor 10.0.0.1 peer-group', 'red']]);
    expect(linesOf(changesBetween(from, to), { asNumber: 1, cluster: 'a', current })).toMatchInlineSnapshot(`
      [
        "router bgp 1",
        "no neighbor 10.0.0.1 remote-as 65001",
        "neighbor 10.0.0.1 peer-group red",
        "neighbor 10.0.0.1 description rack 7",
        "neighbor 10.0.0.1 route-map X in",
      ]
    `);
  });

  test('no change is no line', () => {
    expect(linesOf([], { asNumber: 64512, cluster: 'a' })).toEqual([]);
  });

  test('with router bgp goes all that is in it, by one line', () => {
    const from = new Map([...wantedBgp(articles)]);
    expect(linesOf(changesBetween(from, new Map()), { asNumber: 64512, cluster: 'a' })).toEqual([
      'no router bgp 64512',
    ]);
  });

  test('with a group goes all that is its own, after its members', () => {
    const from = new Map([...wantedBgp(articles)]);
    const to = new Map([['router bgp', '64512']]);
    expect(linesOf(changesBetween(from, to), { asNumber: 64512, cluster: 'a' })).toMatchInlineSnapshot(`
      [
        "router bgp 64512",
        "no neighbor 10.1.20.20 peer-group calico-k8s",
        "no neighbor 10.1.20.21 peer-group calico-k8s",
        "no neighbor 10.1.20.12 peer-group calico-k8s",
        "no bgp graceful-restart restart-time 120",
        "no neighbor calico-k8s peer-group",
      ]
    `);
  });

  test('global ones leave the router first', () => {
    const from = new Map<string, LineValue>([
      ['bgp extended-asn-cap', true],
      ['router bgp', '64512'],
      ['timers bgp', '3 9'],
    ]);
    const to = new Map([['router bgp', '64512']]);
    expect(linesOf(changesBetween(from, to), { asNumber: 64512, cluster: 'a' })).toEqual([
      'router bgp 64512',
      'no timers bgp 3 9',
      'exit',
      'no bgp extended-asn-cap',
    ]);
  });

  test('an address family is entered once and left', () => {
    const to = new Map<string, LineValue>([
      ['neighbor 2001:db8::1 remote-as', '64512'],
      ['ipv6 neighbor 2001:db8::1 activate', true],
    ]);
    expect(linesOf(changesBetween(new Map(), to), { asNumber: 64512, cluster: 'a' })).toMatchInlineSnapshot(`
      [
        "router bgp 64512",
        "neighbor 2001:db8::1 remote-as 64512",
        "neighbor 2001:db8::1 description cpaas:a",
        "address-family ipv6",
        "neighbor 2001:db8::1 activate",
        "exit-address-family",
      ]
    `);
  });

  test('a plan names what only the write can know', () => {
    const change = { key: 'router bgp', from: '64512', to: '65000', before: undefined, cause: 'wanted' } as const;
    expect(linesOf([change], { asNumber: 65000, cluster: 'a' })).toEqual([
      'no router bgp 64512',
      'router bgp 65000',
      '<all other lines of router bgp 64512>',
    ]);
  });
});

const articles = {
  asNumber: 64512,
  clusterAs: 64512,
  peerGroup: 'calico-k8s',
  gracefulRestartTime: 120,
  neighbors: ['10.1.20.20', '10.1.20.21', '10.1.20.12'].map((address) => ({ address, asNumber: 64512 })),
};

describe('What is wanted of a unit', () => {
  test('is what the article types', () => {
    expect([...wantedBgp(articles)]).toMatchInlineSnapshot(`
      [
        [
          "router bgp",
          "64512",
        ],
        [
          "bgp graceful-restart restart-time",
          "120",
        ],
        [
          "neighbor calico-k8s peer-group",
          true,
        ],
        [
          "neighbor calico-k8s remote-as",
          "64512",
        ],
        [
          "neighbor 10.1.20.20 peer-group",
          "calico-k8s",
        ],
        [
          "neighbor 10.1.20.21 peer-group",
          "calico-k8s",
        ],
        [
          "neighbor 10.1.20.12 peer-group",
          "calico-k8s",
        ],
      ]
    `);
  });

  test('in another AS than the cluster’s reaches over hops, and has the other unit outside of the group', () => {
    const neighbors = [
      { address: '172.19.0.2', asNumber: 64512 },
      { address: '10.10.2.21', asNumber: 65001 },
    ];
    expect([...wantedBgp({ ...articles, asNumber: 65001, multihop: 2, neighbors })]).toMatchInlineSnapshot(`
      [
        [
          "router bgp",
          "65001",
        ],
        [
          "bgp graceful-restart restart-time",
          "120",
        ],
        [
          "neighbor calico-k8s peer-group",
          true,
        ],
        [
          "neighbor calico-k8s remote-as",
          "64512",
        ],
        [
          "neighbor calico-k8s ebgp-multihop",
          "2",
        ],
        [
          "neighbor 172.19.0.2 peer-group",
          "calico-k8s",
        ],
        [
          "neighbor 10.10.2.21 remote-as",
          "65001",
        ],
      ]
    `);
  });

  test('has the capability for AS numbers of four bytes where one has them', () => {
    expect([...wantedBgp({ ...articles, asNumber: 4201000050 })][0]).toEqual(['bgp extended-asn-cap', true]);
  });
});
