import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Facts } from '../../../src/core/facts.ts';
import { bigipSessions } from '../../../src/facts/bigip/sessions.ts';
import { parseSummary } from '../../../src/routers/bigip/change/summary.ts';
import { fakeContext } from '../../helpers/fake-host.ts';
import { transcript } from '../../helpers/transcript.ts';

const summary = transcript('bigip-show-ip-bgp-summary');
const rows = (...lines: string[]) =>
  parseSummary(
    ['Neighbor        V    AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd', ...lines].join('\n'),
  );

test('a number in the last column is a session that is up, a word one that is not', () => {
  expect(parseSummary(summary)).toEqual([
    { neighbor: '10.0.0.68', asNumber: 65515, state: 'Established', uptime: '00:09:11', prefixes: 1 },
    { neighbor: '192.168.2.44', asNumber: 64512, state: 'Active' },
  ]);
});

test('a session that was up has a time and a word', () => {
  expect(rows('172.19.0.4      4 64512      24      47        2    0    0 00:01:04 Active     ')).toEqual([
    { neighbor: '172.19.0.4', asNumber: 64512, state: 'Active', uptime: '00:01:04' },
  ]);
});

test('a neighbor too long for its column is read from two lines', () => {
  expect(
    rows('2001:db8:aaaa:bbbb::1', '                4 4201000050      24      47        2    0    0 1d02h03m        7'),
  ).toEqual([
    { neighbor: '2001:db8:aaaa:bbbb::1', asNumber: 4201000050, state: 'Established', uptime: '1d02h03m', prefixes: 7 },
  ]);
});

test.each(['00:0', '00:01:04 (Policy)', '7', 'Established', '00:01:04 12 more', 'Active V', ''])(
  'what is not understood (%j) is unknown, not established',
  (end) => {
    expect(rows(`172.19.0.4      4 64512      24      47        2    0    0 ${end}`)).toMatchObject([
      { state: 'unknown' },
    ]);
  },
);

test.each(['', '% Protocol daemon is not running\n', 'BGP router identifier 10.0.0.1, local AS number 64512\n'])(
  'without a table (%j) there are no sessions',
  (text) => expect(parseSummary(text)).toEqual([]),
);

test('cut and mixed transcripts never show a session that is not there', () => {
  const pieces = fc.array(fc.record({ from: fc.nat(summary.length), length: fc.nat(200) }), { maxLength: 6 });
  fc.assert(
    fc.property(pieces, (cuts) => {
      const text = cuts.map(({ from, length }) => summary.slice(from, from + length)).join('');
      for (const { state } of parseSummary(text)) expect(state).toMatch(/^(Established|Active|unknown)$/);
    }),
  );
});

test('a unit is asked once', async () => {
  const asked: string[] = [];
  const env = (args: readonly string[]) => {
    asked.push(args.join(' '));
    return { code: 1, stdout: summary };
  };
  const ctx = fakeContext({ bigip: { name: 'bigip1', programs: { env } } });
  const facts = new Facts(ctx);
  const fact = bigipSessions({ host: 'bigip', routeDomain: 7 });
  expect(await facts.get(fact)).toEqual(await facts.get(fact));
  expect(asked).toEqual(['TERM=vt100 imish -r 7 -e show ip bgp summary']);
});
