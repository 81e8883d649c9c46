import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Running } from '../../src/core/transport.ts';
import { collect } from '../../src/transport/collect.ts';
import { linesOf } from '../../src/transport/follow.ts';
import { OutputBuffer } from '../../src/transport/output-buffer.ts';

const COMMAND = { host: 'bigip1', argv: ['tmsh'] };
const GB = 1024 ** 3;

/** A program that answers so many bytes, in pieces, and does not mind being killed. `most` is what was held at most meanwhile. */
function flood(bytes: number, piece: Buffer) {
  const memory = () => process.memoryUsage();
  const { heapUsed, arrayBuffers } = memory();
  let most = 0;
  let sent = 0;
  let kills = 0;
  const stdout = Readable.from(
    (function* () {
      for (; sent < bytes; sent += piece.length) {
        // each piece is memory of its own, as from a socket
        yield Buffer.from(piece);
        if (sent % (1 << 20) === 0)
          most = Math.max(most, memory().heapUsed - heapUsed + memory().arrayBuffers - arrayBuffers);
      }
    })(),
    { objectMode: false, highWaterMark: 64 * 1024 },
  );
  const stderr = Readable.from([]);
  const ended = new Promise<number>((resolve) => stdout.once('end', () => resolve(0)));
  const running: Running = { stdout, stderr, ended, kill: () => kills++ };
  return { running, kills: () => kills, sent: () => sent, megabytes: () => most / 1e6 };
}

describe('an answer of 1 GB from something that cannot be stopped', () => {
  test('is refused, and little of it is kept', async () => {
    const { running, kills, sent, megabytes } = flood(GB, Buffer.alloc(64 * 1024, 'x'));
    await expect(collect(running, COMMAND, {})).rejects.toMatchObject({ code: 'HOST.OUTPUT' });
    await running.ended;
    expect({ kills: kills(), sent: sent() }).toEqual({ kills: 1, sent: GB });
    expect(megabytes()).toBeLessThan(200);
  });

  test('in the smallest pieces takes no more room than in large ones', async () => {
    const limit = 16 * 1024 * 1024;
    const { running, megabytes } = flood(limit + 4, Buffer.alloc(4, 'x'));
    await expect(collect(running, COMMAND, { limit })).rejects.toMatchObject({ code: 'HOST.OUTPUT' });
    await running.ended;
    expect(megabytes()).toBeLessThan(150);
  });

  test('without a line in it is refused where lines are followed', async () => {
    const { running, kills, megabytes } = flood(GB, Buffer.alloc(64 * 1024, 'x'));
    const lines = linesOf(running, COMMAND, new AbortController().signal);
    await expect(lines.next()).rejects.toMatchObject({ code: 'HOST.OUTPUT' });
    expect(kills()).toBe(1);
    expect(megabytes()).toBeLessThan(100);
  });
});

test('whatever the pieces, the text is what they say together', () => {
  const piece = fc.oneof(
    fc.string().map((text) => Buffer.from(text)),
    fc.nat({ max: 40_000 }).map((length) => Buffer.alloc(length, 'é')),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const gathered = new OutputBuffer();
      for (const each of pieces) gathered.add(each);
      expect(gathered.text()).toBe(Buffer.concat(pieces).toString());
    }),
  );
});
