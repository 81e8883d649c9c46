import { PassThrough } from 'node:stream';
import { constants, createDeflate } from 'node:zlib';
import { expect, test } from 'vitest';
import { acceptSpdy } from '../../../../src/lab/kube/server/spdy/connection.ts';
import { DICTIONARY } from '../../../../src/lab/kube/server/spdy/dictionary.ts';

/** RFC 1950; zlib announces a dictionary by it. */
function adler32(bytes: Buffer): number {
  const [a, b] = bytes.reduce(([x, y], byte) => [(x + byte) % 65_521, (x + byte + y) % 65_521], [1, 0]);
  return ((b ?? 0) * 65_536 + (a ?? 0)) >>> 0;
}

test('the dictionary is that of SPDY/3', () => {
  expect(adler32(DICTIONARY).toString(16)).toBe('e3c6a7c2');
});

test('a stream is accepted with its headers, whatever pieces it arrives in', async () => {
  const [incoming, outgoing] = [new PassThrough(), new PassThrough()];
  const socket = Object.assign(incoming, { write: outgoing.write.bind(outgoing) });
  const opened = new Promise<unknown>((resolve) => acceptSpdy(socket, resolve));
  const send = (bytes: Buffer) => incoming.emit('data', bytes);
  const frame = await synStream(1, { streamtype: 'stdout' });
  send(frame.subarray(0, 5));
  send(frame.subarray(5));
  expect(await opened).toEqual({ id: 1, headers: { streamtype: 'stdout' } });
  const reply = outgoing.read() as Buffer;
  expect([reply.readUInt16BE(0), reply.readUInt16BE(2), reply.readUInt32BE(8)]).toEqual([0x8003, 2, 1]);
});

async function synStream(id: number, headers: Readonly<Record<string, string>>): Promise<Buffer> {
  const number = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const texts = Object.entries(headers)
    .flat()
    .flatMap((text) => [number(text.length), Buffer.from(text)]);
  const deflate = createDeflate({ dictionary: DICTIONARY, flush: constants.Z_SYNC_FLUSH });
  await new Promise<void>((resolve) =>
    deflate.write(Buffer.concat([number(Object.keys(headers).length), ...texts]), () => resolve()),
  );
  const block = deflate.read() as Buffer;
  const payload = Buffer.concat([number(id), number(0), Buffer.from([0, 0]), block]);
  return Buffer.concat([Buffer.from([0x80, 3, 0, 1]), number(payload.length), payload]);
}
