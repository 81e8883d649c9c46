import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CpaasError } from '../../../src/core/errors.ts';
import { parseTmsh } from '../../../src/drivers/tmsh.ts';
import { parseNeighbors } from '../../../src/facts/bigip/neighbors.ts';
import { parseBgpTable, parseRouteTable } from '../../../src/facts/bigip/routes.ts';
import { parseSummary } from '../../../src/routers/bigip/change/summary.ts';
import { elementsOf, parseConfig } from '../../../src/routers/bigip/config/config.ts';
import { isSupported, productIn } from '../../../src/routers/bigip/unit/product.ts';
import { admitsBgp, parseSelfIps } from '../../../src/routers/bigip/unit/self-ips.ts';
import { indented } from '../../helpers/flush-left.ts';
import { transcript } from '../../helpers/transcript.ts';

const shown = (name: string): string => transcript(`bigip-${name}`);

describe('Sessions as releases print them', () => {
  test('one that is up and has brought nothing is up', () => {
    expect(parseSummary(shown('11-show-ip-bgp-summary'))).toEqual([
      { neighbor: '10.202.191.1', asNumber: 65001, state: 'Established', uptime: '00:00:33', prefixes: 0 },
    ]);
  });

  test('columns need not stand under their heads', () => {
    expect(parseSummary(shown('13-sh-ip-bgp-sum-wide'))).toEqual([
      { neighbor: '10.2.40.4', asNumber: 65205, state: 'Established', uptime: '06:33:22', prefixes: 2 },
    ]);
  });

  test.each([
    ['13', ['172.18.10.10', '172.18.10.11']],
    ['16', ['192.168.2.44', '192.168.2.48']],
  ])('%s: those that never were up have no time', (release, neighbors) => {
    expect(parseSummary(shown(`${release}-show-ip-bgp-summary`))).toEqual(
      neighbors.map((neighbor) => ({ neighbor, asNumber: 64512, state: 'Active' })),
    );
  });
});

test.each([
  ['17', '17.5.0'],
  ['21', '21.1.0.1'],
])('%s says which release it is', (release, version) => {
  const found = productIn(shown(`${release}-show-sys-version`));
  expect(found).toEqual({ name: 'BIG-IP', version });
  expect(found && isSupported(found)).toBe(true);
});

test('self-IPs on one line each, whatever their lockdown is written like', () => {
  expect(
    parseSelfIps(shown('list-net-self-one-line')).map(({ name, address, routeDomain, floating, allowService }) =>
      [name, `${address}%${routeDomain}`, floating ? 'floats' : 'stays', admitsBgp(allowService) || allowService].join(
        ' ',
      ),
    ),
  ).toMatchInlineSnapshot(`
    [
      "10.10.10.222 10.10.10.222%0 stays default",
      "10.10.10.223 10.10.10.223%0 floats default",
      "external_self 10.0.5.1%7 stays tcp:https,udp:snmp",
      "fl-vxlan-selfip 10.42.20.1%0 stays true",
      "six 2021:15::125%0 stays true",
      "/Kubernetes/tunnel 169.254.12.30%0 stays true",
      "ha 192.168.1.101%0 stays ",
      "mgmtlike 192.0.2.9%0 stays ",
    ]
  `);
});

describe('Routes as releases print them', () => {
  test("11: TMM's routes have no distance, and a virtual address is connected", () => {
    expect(parseRouteTable(shown('11-show-ip-route')).filter(({ code }) => code === 'K')).toEqual([
      { prefix: '0.0.0.0/0', code: 'K', hops: [{ nextHop: '10.202.193.1', vlan: 'VL193-OUTSIDE' }] },
      { prefix: '10.202.30.0/24', code: 'K', hops: [{ nextHop: '10.202.191.1', vlan: 'VL191-INSIDE' }] },
      { prefix: '10.202.193.100/32', code: 'K', hops: [{ vlan: 'tmm0' }] },
    ]);
  });

  test.each([
    ['13', ['172.16.85.192/26 172.18.10.11 /Kubernetes/vnic3', '172.16.190.64/26 172.18.10.10 /Kubernetes/vnic3']],
    [
      '16',
      ['192.168.1.0/24 192.168.2.44 k8s', '192.168.180.192/26 192.168.2.48 k8s', '192.168.235.192/26 192.168.2.44 k8s'],
    ],
  ])('%s: pod blocks lead through a VLAN, whatever its name', (release, blocks) => {
    const learned = parseRouteTable(shown(`${release}-show-ip-route`)).filter(({ code }) => code === 'B');
    expect(learned.map(({ prefix, hops: [hop] }) => `${prefix} ${hop?.nextHop} ${hop?.vlan}`)).toEqual(blocks);
  });

  test('of a unit that only announces hold no block of anybody', () => {
    expect(parseBgpTable(shown('tmsh-managed-show-ip-bgp'))).toEqual([
      {
        prefix: '10.100.101.50/32',
        paths: [{ nextHop: '0.0.0.0', best: true, valid: true, stale: false, internal: false }],
      },
    ]);
    expect(parseRouteTable(shown('tmsh-managed-show-ip-route')).map(({ code, prefix }) => `${code} ${prefix}`)).toEqual(
      ['C 10.1.10.0/24', 'K 10.100.101.50/32', 'C 127.0.0.1/32', 'C 127.1.1.254/32'],
    );
  });

  test('15: of two ways to each network the second is the better one', () => {
    const best = parseBgpTable(shown('15-show-ip-bgp')).map(({ prefix, paths }) => [
      prefix,
      paths.length,
      paths.find((path) => path.best)?.nextHop,
    ]);
    expect(best).toEqual([
      ['10.1.0.0/16', 2, '10.255.255.4'],
      ['10.100.0.0/16', 1, '0.0.0.0'],
      ['10.255.0.0/16', 2, '10.255.255.4'],
    ]);
  });

  test('16: the second way to a network has none printed, and is the better one here', () => {
    expect(
      parseBgpTable(shown('16-show-ip-bgp')).map(({ prefix, paths }) => [
        prefix,
        ...paths.map(({ nextHop, best }) => (best ? `> ${nextHop}` : nextHop)),
      ]),
    ).toEqual([
      ['10.0.0.0/24', '10.0.0.68', '> 10.0.0.69'],
      ['10.100.0.0/16', '> 0.0.0.0'],
      ['10.101.0.0/16', '> 0.0.0.0'],
      ['10.102.0.0/16', '> 0.0.0.0'],
    ]);
  });
});

describe('Transcripts as pages show them', () => {
  test('a configuration that was moved to the right, between text and prompts', () => {
    const config = parseConfig(shown('13-sh-run-on-a-page'));
    expect(Object.fromEntries(elementsOf(config))).toEqual({
      'router bgp': '65101',
      'neighbor 10.1.10.3 remote-as': '65101',
      'neighbor 10.1.10.5 remote-as': '65101',
      'ip prefix-list PFX_ALLOW_VIPS seq 5': 'permit 10.99.99.0/24',
    });
    expect(config.lines.map(({ context, text }) => `${context}: ${text}`)).toContain(
      'route-map RESTRICT_ADVERTISE permit 10: match ip address prefix-list PFX_ALLOW_VIPS',
    );
    expect(config.lines[0]?.text).toBe('no service password-encryption');
  });

  test('a configuration that has lost all indentation, once it is indented', () => {
    const config = parseConfig(indented(shown('running-config-flush-left')));
    expect(Object.fromEntries(elementsOf(config))).toEqual({
      'router bgp': '64512',
      'bgp graceful-restart restart-time': '120',
      'neighbor calico-k8s peer-group': true,
      'neighbor calico-k8s remote-as': '64512',
      'neighbor 10.1.1.4 peer-group': 'calico-k8s',
      'neighbor 10.1.1.5 peer-group': 'calico-k8s',
      'ipv6 neighbor 10.1.1.5 activate': true,
    });
    expect(config.lines.flatMap(({ context, text }) => (context === '' ? [text] : []))).toEqual([
      'no service password-encryption',
      'log syslog',
      'router bgp 64512',
      'route-map VIPS permit 10',
      'line con 0',
      'line vty 0 39',
    ]);
  });

  test('sessions, with the prompt before them', () => {
    expect(
      parseSummary(shown('13-sh-ip-bgp-summary-on-a-page')).map(({ neighbor, state }) => `${neighbor} ${state}`),
    ).toEqual(['10.1.10.3 Established', '10.1.10.4 Established', '10.1.10.6 Active']);
  });

  test('paths whose next hop has come to the left, where networks are', () => {
    expect(parseBgpTable(shown('show-ip-bgp-neighbor-routes-on-a-page'))).toMatchObject([
      { prefix: '192.168.235.192/26', paths: [{ nextHop: '10.1.1.4', best: true, internal: true }] },
      { prefix: '192.168.36.64/26', paths: [{ nextHop: '10.1.1.5', best: true }] },
      { prefix: '10.0.0.0/8', paths: [{ nextHop: '10.1.1.6', stale: true }] },
    ]);
  });

  test('neighbors, with what the other end has said', () => {
    expect(parseNeighbors(shown('show-bgp-neighbors-on-a-page'))).toMatchObject([
      { address: '10.1.20.20', state: 'Established', routerId: '10.1.20.20', established: 1 },
      {
        ...{ address: '2001:db8::21', remoteAs: 65001, state: 'Idle', established: 0 },
        lastReset: 'BGP Notification received (OPEN Message Error/Bad Peer AS.)',
      },
    ]);
  });
});

test('cut and mixed, whatever any release prints is read by no parser with another end than an error of ours', () => {
  const folder = new URL('../../fixtures/transcripts/', import.meta.url);
  const all = readdirSync(folder)
    .filter((name) => name.startsWith('bigip-'))
    .map((name) => transcript(name.replace('.txt', '')));
  const piece = fc
    .tuple(fc.constantFrom(...all), fc.nat(4000), fc.nat(600))
    .map(([text, from, length]) => text.slice(from % text.length, (from % text.length) + length));
  const parsers: readonly ((text: string) => unknown)[] = [
    parseSummary,
    parseNeighbors,
    parseBgpTable,
    parseRouteTable,
    parseConfig,
    (text) => parseTmsh(text, ['net self', 'net route-domain']),
  ];
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => {
      for (const parse of parsers)
        try {
          parse(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(CpaasError);
        }
    }),
  );
});
