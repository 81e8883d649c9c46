import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../../src/routers/bigip/config/config.ts';
import type { LineValue } from '../../../../src/routers/bigip/config/lines.ts';
import { linesOf } from '../../../../src/routers/bigip/config/order.ts';
import { wantedBgp } from '../../../../src/routers/bigip/config/wanted.ts';
import { changesBetween, config, standing, type } from '../../../helpers/bgp-configs.ts';
import { FakeZebos } from '../../../helpers/fake-zebos.ts';

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
      { numRuns: 250 },
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

  test('with all that sessions may have: lists before what uses them, IPv6 neighbors alone and in their family', () => {
    const sessions = {
      timers: { keepalive: 10, hold: 30 },
      updateSource: 'internal',
      password: true,
      maximumPrefix: 100,
      keepsRefused: true,
      admit: { cluster: 'a', pods: ['10.53.0.0/16', '10.54.0.0/26'], blockSize: 26 },
      announceNothing: { cluster: 'a' },
    };
    const neighbors = ['172.19.0.2', '2001:db8::2'].map((address) => ({ address, asNumber: 64512 }));
    const wish = { ...articles, routerId: '10.10.2.20', logNeighborChanges: true, neighbors, sessions };
    const lines = linesOf(changesBetween(new Map(), new Map([...wantedBgp(wish)])), { asNumber: 64512, cluster: 'a' });
    expect(lines).toMatchInlineSnapshot(`
      [
        "ip prefix-list cpaas-a-pods seq 5 permit 10.53.0.0/16 ge 26 le 32",
        "ip prefix-list cpaas-a-pods seq 10 permit 10.54.0.0/26 le 32",
        "ip prefix-list cpaas-a-nothing seq 5 deny 0.0.0.0/0 le 32",
        "ipv6 prefix-list cpaas-a-nothing-ipv6 seq 5 deny ::/0 le 128",
        "router bgp 64512",
        "bgp router-id 10.10.2.20",
        "bgp log-neighbor-changes",
        "bgp graceful-restart restart-time 120",
        "neighbor calico-k8s peer-group",
        "neighbor calico-k8s remote-as 64512",
        "neighbor calico-k8s update-source internal",
        "neighbor calico-k8s password <password>",
        "neighbor calico-k8s timers 10 30",
        "neighbor calico-k8s maximum-prefix 100",
        "neighbor calico-k8s soft-reconfiguration inbound",
        "neighbor calico-k8s prefix-list cpaas-a-pods in",
        "neighbor calico-k8s prefix-list cpaas-a-nothing out",
        "neighbor 172.19.0.2 peer-group calico-k8s",
        "neighbor 172.19.0.2 description cpaas:a",
        "neighbor 2001:db8::2 remote-as 64512",
        "neighbor 2001:db8::2 description cpaas:a",
        "neighbor 2001:db8::2 update-source internal",
        "neighbor 2001:db8::2 password <password>",
        "neighbor 2001:db8::2 timers 10 30",
        "address-family ipv6",
        "neighbor 2001:db8::2 activate",
        "neighbor 2001:db8::2 maximum-prefix 100",
        "neighbor 2001:db8::2 soft-reconfiguration inbound",
        "neighbor 2001:db8::2 prefix-list cpaas-a-nothing-ipv6 out",
        "exit-address-family",
      ]
    `);
    type(new FakeZebos(), lines);
  });

  test('has the capability for AS numbers of four bytes where one has them', () => {
    expect([...wantedBgp({ ...articles, asNumber: 4201000050 })][0]).toEqual(['bgp extended-asn-cap', true]);
  });
});
