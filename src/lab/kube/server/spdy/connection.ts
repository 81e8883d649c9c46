import type { Duplex } from 'node:stream';
import { createHeaderReader, createHeaderWriter } from './headers.ts';

/** Frame types of SPDY/3.1 that a server of streams meets. Source: SPDY protocol draft 3.1, 2.6. */
const SYN_STREAM = 1;
const SYN_REPLY = 2;
const PING = 6;
const FIN = 0x01;
const VERSION = 0x8003;

/** A stream that the client opened. */
export interface SpdyStream {
  readonly id: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface SpdyConnection {
  write(stream: SpdyStream, data: Buffer | string): void;
  /** Ends our side of a stream. */
  end(stream: SpdyStream): void;
}

/**
 * The server's side of SPDY/3.1 as kubectl speaks it: the client opens streams, each is accepted at once. What the client sends on
 * them is dropped, since nothing here reads input.
 */
export function acceptSpdy(socket: Duplex, onStream: (stream: SpdyStream) => void): SpdyConnection {
  const readHeaders = createHeaderReader();
  const writeHeaders = createHeaderWriter();
  let buffered = Buffer.alloc(0);
  // Header blocks share one compression state, so frames are taken strictly in turn.
  let turn = Promise.resolve();

  const takeFrame = async (type: number, payload: Buffer) => {
    if (type === PING) socket.write(controlFrame(PING, payload));
    if (type !== SYN_STREAM) return;
    const id = payload.readUInt32BE(0) & 0x7fffffff;
    const headers = await readHeaders(payload.subarray(10));
    const streamId = Buffer.alloc(4);
    streamId.writeUInt32BE(id);
    socket.write(controlFrame(SYN_REPLY, Buffer.concat([streamId, await writeHeaders({})])));
    onStream({ id, headers });
  };

  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 8) {
      const length = buffered.readUInt32BE(4) & 0xffffff;
      if (buffered.length < 8 + length) return;
      const isControl = (buffered.readUInt8(0) & 0x80) !== 0;
      const type = buffered.readUInt16BE(2);
      const payload = buffered.subarray(8, 8 + length);
      buffered = buffered.subarray(8 + length);
      if (isControl) turn = turn.then(() => takeFrame(type, payload)).catch(() => void socket.destroy());
    }
  });

  return {
    write: ({ id }, data) => void socket.write(dataFrame(id, 0, Buffer.from(data))),
    end: ({ id }) => void socket.write(dataFrame(id, FIN, Buffer.alloc(0))),
  };
}

function controlFrame(type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(VERSION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(payload.length, 4);
  return Buffer.concat([head, payload]);
}

function dataFrame(id: number, flags: number, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(id, 0);
  head.writeUInt32BE(data.length, 4);
  head.writeUInt8(flags, 4);
  return Buffer.concat([head, data]);
}
