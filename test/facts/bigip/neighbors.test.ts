import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseNeighbors } from '../../../src/facts/bigip/neighbors.ts';
import { transcript } from '../../helpers/transcript.ts';

const shown = transcript('bigip-show-ip-bgp-neighbors');

/** The same block before there was a session: as the article reads it. */
const never = `BGP neighbor is 10.1.20.21, remote AS 64512, local AS 64512, internal link
  BGP version 4, remote router ID 0.0.0.0
  BGP state = Active
  Last read , hold time is 90, keepalive interval is 30 seconds
 Connections established 0; dropped 0
`;

test('a neighbor that is up has a router ID, one that never was has none', () => {
  expect(parseNeighbors(shown + never)).toEqual([
    {
      address: '10.250.17.159',
      remoteAs: 64512,
      localAs: 64512,
      state: 'Established',
      routerId: '10.250.17.159',
      established: 1,
      dropped: 0,
    },
    { address: '10.1.20.21', remoteAs: 64512, localAs: 64512, state: 'Active', established: 0, dropped: 0 },
  ]);
});

test('why the last session ended is kept in the words of the unit; numbers of four bytes are read dotted, too', () => {
  const lost = never
    .replace('remote AS 64512', 'remote AS 1.10')
    .replace('established 0; dropped 0', 'established 3; dropped 3')
    .concat('Last Reset: 00:01:04, due to BGP Notification received \n');
  expect(parseNeighbors(lost)).toMatchObject([
    { remoteAs: 65546, established: 3, dropped: 3, lastReset: 'BGP Notification received' },
  ]);
});

test.each([
  '',
  '% Protocol daemon is not running\n',
  'BGP neighbor is , remote AS x\n',
  'BGP neighbor is bigip2, remote AS 1, local AS 1, x\n',
])('what is no neighbor (%j) is none', (text) => expect(parseNeighbors(text)).toEqual([]));

test('cut and mixed transcripts never show a session that is not there', () => {
  const source = shown + never;
  const pieces = fc.array(fc.record({ from: fc.nat(source.length), length: fc.nat(400) }), { maxLength: 6 });
  fc.assert(
    fc.property(pieces, (cuts) => {
      const text = cuts.map(({ from, length }) => source.slice(from, from + length)).join('');
      for (const { state, address } of parseNeighbors(text)) {
        expect(['Established', 'Active', '']).toContain(state);
        expect(address).toMatch(/^1[\d.]+$/);
      }
    }),
  );
});
