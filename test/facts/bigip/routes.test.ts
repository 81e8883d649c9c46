import fc from 'fast-check';
import { expect, test } from 'vitest';
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
