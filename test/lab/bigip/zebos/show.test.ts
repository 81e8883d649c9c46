import { describe, expect, test } from 'vitest';
import { renderRoutes } from '../../../../src/lab/bigip/zebos/show/routes.ts';
import { renderSummary } from '../../../../src/lab/bigip/zebos/show/summary.ts';
import { renderTable } from '../../../../src/lab/bigip/zebos/show/table.ts';
import { uptime } from '../../../../src/lab/bigip/zebos/show/time.ts';
import { transcript } from '../../../helpers/transcript.ts';

/** A peer as FRR's JSON has it. */
const peer = (more: object) => ({
  peerUptime: 'some time',
  remoteAs: 64512,
  tableVersion: 0,
  inq: 0,
  outq: 0,
  msgRcvd: 0,
  msgSent: 0,
  ...more,
});

test('the summary is printed as on the device: nothing under Up/Down for a peer that never came up', () => {
  const peers = {
    '10.0.0.68': peer({
      remoteAs: 65515,
      msgRcvd: 24,
      msgSent: 47,
      tableVersion: 2,
      peerUptimeMsec: 551_000,
      pfxRcd: 1,
      state: 'Established',
    }),
    '192.168.2.44': peer({ msgSent: 1, peerUptime: 'never', peerUptimeMsec: 0, state: 'Active' }),
  };
  const json = { ipv4Unicast: { routerId: '10.255.20.4', as: 65530, tableVersion: 2, peers } };
  // The number of AS paths is not in FRR's answer.
  expect(renderSummary(json).replace('1 BGP AS-PATH', '3 BGP AS-PATH')).toBe(transcript('bigip-show-ip-bgp-summary'));
});

test('a peer that was up has a time and a word', () => {
  const json = {
    ipv4Unicast: {
      routerId: '10.0.0.1',
      as: 1,
      tableVersion: 2,
      peers: { '10.0.0.2': peer({ peerUptimeMsec: 64_000, state: 'Active' }) },
    },
  };
  expect(renderSummary(json)).toContain('00:01:04 Active');
});

test('columns and wrappedRows: the summary of another release', () => {
  const up = peer({ remoteAs: 64512, peerUptimeMsec: 60_000, pfxRcd: 2, state: 'Established' });
  const json = { ipv4Unicast: { routerId: '10.0.0.1', as: 1, tableVersion: 2, peers: { '10.0.0.2': up } } };
  const rows = (columns: 'usual' | 'other', wrappedRows: boolean) =>
    renderSummary(json, { layout: { columns, wrappedRows } }).split('\n').slice(5, -3);
  expect(rows('other', true)).toEqual([
    'Neighbor        V     AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd',
    '10.0.0.2',
    '                4  64512       0       0        0    0    0 00:01:00        2',
  ]);
  expect(rows('usual', false)).toEqual([
    'Neighbor        V    AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd',
    '10.0.0.2        4 64512       0       0        0    0    0 00:01:00        2',
  ]);
});

describe('the BGP table', () => {
  const path = (ip: string, more: object = {}) => ({
    ...{
      valid: true,
      bestpath: true,
      pathFrom: 'internal',
      metric: 0,
      locPrf: 100,
      weight: 0,
      path: '',
      peerId: ip,
      origin: 'IGP',
    },
    ...{ nexthops: [{ ip }] },
    ...more,
  });
  const table = { tableVersion: 4, routerId: '10.1.1.9' };

  test('a network that is wider than its column leaves the rest to the next line', () => {
    const routes = { '192.168.235.192/26': [path('10.1.1.4')], '192.168.36.64/26': [path('10.1.1.5')] };
    const text = renderTable({ ...table, routes });
    expect(text.replace('prefixes 2', 'prefixes 1')).toBe(transcript('bigip-show-ip-bgp'));
  });

  test('a route that graceful restart keeps is marked', () => {
    const routes = { '10.0.0.0/26': [path('10.1.1.4', { stale: true })] };
    expect(renderTable({ ...table, routes })).toContain('\nS>i10.0.0.0/26');
  });

  test('a second path has no network, and one neighbor only its own', () => {
    const routes = { '10.0.0.0/26': [path('10.1.1.4'), path('10.1.1.5', { bestpath: false })] };
    expect(renderTable({ ...table, routes })).toContain('\n* i                 10.1.1.5');
    expect(renderTable({ ...table, routes }, { from: '10.1.1.5' })).not.toContain('10.1.1.4');
  });

  test('columns: the table of another release', () => {
    const text = renderTable({ ...table, routes: { '10.0.0.0/26': [path('10.1.1.4')] } }, { columns: 'other' });
    expect(text).toContain(
      [
        '   Network          Next Hop        Metric LocPrf Weight Path',
        '*>i10.0.0.0/26      10.1.1.4             0    100      0 i',
      ].join('\n'),
    );
  });

  test('is nothing at all without routes', () => {
    expect(renderTable({})).toBe('');
  });
});

test('a route names the VLAN, also where another route leads to its next hop', () => {
  const route = { protocol: 'bgp', selected: true, distance: 200, metric: 0, uptime: '00:00:23' };
  const nexthops = [
    { ip: '172.19.0.3', recursive: true, active: true },
    { ip: '10.10.2.10', interfaceName: 'internal', resolver: true, fib: true },
  ];
  const json = { '10.53.1.0/26': [{ ...route, nexthops }], '10.9.0.0/16': [{ ...route, selected: false, nexthops }] };
  expect(renderRoutes(json, 'bgp')).toBe(
    'B       10.53.1.0/26 [200/0] via 172.19.0.3, internal, 00:00:23\n\nGateway of last resort is not set\n',
  );
});

test.each([
  [551, '00:09:11'],
  [90_061, '1d01h01m'],
  [694_861, '1w1d01h'],
])('%d seconds are %s', (seconds, text) => {
  expect(uptime(seconds)).toBe(text);
});
