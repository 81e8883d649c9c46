import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CpaasError } from '../../src/core/errors.ts';
import { parseTmsh } from '../../src/drivers/tmsh.ts';
import { parseNeighbors } from '../../src/facts/bigip-neighbors.ts';
import { parseBgpTable, parseRouteTable } from '../../src/facts/bigip-routes.ts';
import { parseConfig } from '../../src/routers/bigip/config.ts';
import { parseSummary } from '../../src/routers/bigip/summary.ts';
import { transcript } from '../helpers/transcript.ts';

const shown = (name: string): string => transcript(`bigip-${name}`);

describe('Sessions as releases print them', () => {
  test('one that is up and has brought nothing is up', () => {
    expect(parseSummary(shown('11-show-ip-bgp-summary'))).toEqual([
      { neighbor: '10.202.191.1', asNumber: 65001, state: 'Established', uptime: '00:00:33', prefixes: 0 },
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

test('cut and mixed, whatever any release prints is read by no parser with another end than an error of ours', () => {
  const folder = new URL('../fixtures/transcripts/', import.meta.url);
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
