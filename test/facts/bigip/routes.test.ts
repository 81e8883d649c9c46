import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBgpTable, parseRouteTable } from '../../../src/facts/bigip/routes.ts';
import { transcript } from '../../helpers/transcript.ts';

const bgp = transcript('bigip-show-ip-bgp');
const route = transcript('bigip-show-ip-route-bgp');
const header = '   Network          Next Hop            Metric     LocPrf     Weight Path';

test('a network wider than its column is read from two lines', () => {
  const path = { best: true, valid: true, stale: false, internal: true };
  expect(parseBgpTable(bgp)).toEqual([
    { prefix: '192.168.235.192/26', paths: [{ nextHop: '10.1.1.4', ...path }] },
    { prefix: '192.168.36.64/26', paths: [{ nextHop: '10.1.1.5', ...path }] },
  ]);
});

test('further paths leave the network out', () => {
  const table = [
    header,
    '*>i10.53.0.0/26     172.19.0.2               0        100          0 i',
    '* i                 172.19.0.3               0        100          0 i',
    '*> 10.0.0.0         0.0.0.0                                    32768 ?',
  ];
  expect(parseBgpTable(table.join('\n'))).toMatchObject([
    {
      prefix: '10.53.0.0/26',
      paths: [
        { nextHop: '172.19.0.2', best: true, internal: true },
        { nextHop: '172.19.0.3', best: false, valid: true },
      ],
    },
    { prefix: '10.0.0.0/8', paths: [{ nextHop: '0.0.0.0', internal: false }] },
  ]);
});

test('a path that graceful restart keeps is stale', () => {
  const [prefix] = parseBgpTable(`${header}\nS>i10.53.0.0/26     172.19.0.2               0        100          0 i\n`);
  expect(prefix?.paths).toEqual([{ nextHop: '172.19.0.2', best: true, valid: true, stale: true, internal: true }]);
});

test('a route has its next hop, its VLAN and its distance', () => {
  expect(parseRouteTable(route)).toEqual([
    { prefix: '192.168.127.0/26', code: 'B', distance: 200, hops: [{ nextHop: '10.1.20.22', vlan: 'internal' }] },
    { prefix: '10.99.99.0/24', code: 'B', distance: 200, hops: [{}] },
  ]);
});

test('the legend is no route; several hops belong to one', () => {
  const shown = [
    'Codes: K - kernel, C - connected, S - static, R - RIP, B - BGP',
    '       O - OSPF, IA - OSPF inter area',
    '       * - candidate default',
    '',
    'K*      0.0.0.0/0 [0/0] via 10.1.20.1, internal',
    'C       10.1.20.0/24 is directly connected, internal',
    'O IA    10.2.0.0/16 [110/20] via 10.1.20.3, internal, 00:01:00',
    'B       10.53.0.0/26 [200/0] via 172.19.0.2 (recursive via 10.10.2.10 ), internal, 00:00:23',
    '                     [200/0] via 172.19.0.3, internal, 00:00:23',
    '',
  ].join('\n');
  expect(
    parseRouteTable(shown).map(({ prefix, code, hops }) => [code, prefix, ...hops.map((hop) => hop.nextHop)]),
  ).toEqual([
    ['K', '0.0.0.0/0', '10.1.20.1'],
    ['C', '10.1.20.0/24', undefined],
    ['O', '10.2.0.0/16', '10.1.20.3'],
    ['B', '10.53.0.0/26', '172.19.0.2', '172.19.0.3'],
  ]);
});

test('IPv6 has `via ::` for networks of its own; a time is no VLAN, and one may stand with what a next hop resolves to', () => {
  const shown = [
    'C       2001:db8:20::/64 via ::, internal, 01:00:00',
    'B       2001:db8:53::/122 [200/0] via fe80::3, internal, 00:00:23',
    'B       10.53.0.0/26 [200/0] via 172.19.0.2 (recursive via 10.10.2.10, internal), 00:00:23',
    'B       10.53.0.64/26 [200/0] via 172.19.0.3, 1d02h03m',
  ];
  expect(parseRouteTable(shown.join('\n')).map(({ hops }) => hops[0])).toEqual([
    { vlan: 'internal' },
    { nextHop: 'fe80::3', vlan: 'internal' },
    { nextHop: '172.19.0.2', vlan: 'internal' },
    { nextHop: '172.19.0.3' },
  ]);
});

describe('A row that was damaged', () => {
  /** Networks of which each has one path or two, a row for each; what is damaged has no number of the others' in it. */
  const paths = fc.array(fc.boolean(), { minLength: 1, maxLength: 6 });
  const damage = fc.oneof(
    fc.constantFrom('10.53.0.1', '10.53.0.1/26', '10.53.0', '10.53.0.0/', '300.1.1.0/24', '2001:db8::', '%'),
    fc.string({ unit: fc.constantFrom(...'0123456789./:abx%'), minLength: 1, maxLength: 16 }),
  );
  const bgpRows = (at: number, more: boolean, network = `172.16.${at}.0/24`) => [
    `*>i${network.padEnd(16)} 10.1.1.${at}                0        100          0 i`,
    ...(more ? [`* i                 10.1.2.${at}                0        100          0 i`] : []),
  ];
  const routeRows = (at: number, more: boolean, network = `172.16.${at}.0/24`) => [
    `B       ${network} [200/0] via 10.1.1.${at}, internal, 00:00:23`,
    ...(more ? [`                     [200/0] via 10.1.2.${at}, internal, 00:00:23`] : []),
  ];

  test.each([
    ['show ip bgp', bgpRows, (rows: readonly string[]) => parseBgpTable([header, ...rows].join('\n'))],
    ['show ip route', routeRows, (rows: readonly string[]) => parseRouteTable(rows.join('\n'))],
  ] as const)('changes nothing of its neighbors (%s)', (_, rowsOf, parse) => {
    fc.assert(
      fc.property(paths, fc.nat(), damage, (networks, which, damaged) => {
        const hit = which % networks.length;
        const found = parse(networks.flatMap((more, at) => rowsOf(at, more, at === hit ? damaged : undefined)));
        const others = networks.flatMap((more, at) => (at === hit ? [] : rowsOf(at, more)));
        const known = new Set(networks.map((_more, at) => `172.16.${at}.0/24`));
        expect(found.filter(({ prefix }) => known.has(prefix))).toEqual(parse(others));
      }),
      { numRuns: 400 },
    );
  });

  test('brings no path to the network before, neither do the further paths to it', () => {
    const table = [
      header,
      '*> 10.0.0.0         10.1.1.4',
      '*>i10.53.0.1        10.1.1.5',
      '* i                 10.1.1.6',
    ];
    expect(parseBgpTable(table.join('\n'))).toMatchObject([{ prefix: '10.0.0.0/8', paths: [{ nextHop: '10.1.1.4' }] }]);
  });
});

test('further paths leave the network out also where a page has lost blanks before the heading', () => {
  const table = [
    header.trimStart(),
    '*  10.1.0.0/16      10.255.255.5             0                     0 65515 i',
    '*>                  10.255.255.4             0                     0 65515 i',
  ];
  expect(parseBgpTable(table.join('\n'))).toMatchObject([{ prefix: '10.1.0.0/16', paths: [{}, { best: true }] }]);
});

test('cut and mixed transcripts are read as far as they go', () => {
  const source = bgp + route;
  const pieces = fc.array(fc.record({ from: fc.nat(source.length), length: fc.nat(300) }), { maxLength: 6 });
  fc.assert(
    fc.property(pieces, (cuts) => {
      const text = cuts.map(({ from, length }) => source.slice(from, from + length)).join('');
      for (const { prefix } of [...parseBgpTable(text), ...parseRouteTable(text)]) expect(prefix).toMatch(/\/\d/);
    }),
  );
});
