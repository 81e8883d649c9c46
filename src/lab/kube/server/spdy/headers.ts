import { constants, createDeflate, createInflate } from 'node:zlib';
import { DICTIONARY } from './dictionary.ts';

type Headers = Readonly<Record<string, string>>;

/** One compression state for all header blocks of a connection, flushed after each. */
const options = { dictionary: DICTIONARY, flush: constants.Z_SYNC_FLUSH };

/** Reader of the header blocks of one connection, in the order they came. */
export function createHeaderReader(): (block: Buffer) => Promise<Headers> {
  const inflate = createInflate(options);
  return async (block) => parse(await through(inflate, block));
}

/** Writer of the header blocks of one connection. */
export function createHeaderWriter(): (headers: Headers) => Promise<Buffer> {
  const deflate = createDeflate(options);
  return (headers) => through(deflate, format(headers));
}

async function through(zlib: ReturnType<typeof createInflate | typeof createDeflate>, block: Buffer): Promise<Buffer> {
  await new Promise<void>((resolve, reject) => {
    zlib.once('error', reject);
    zlib.write(block, () => {
      zlib.off('error', reject);
      resolve();
    });
  });
  const chunks: Buffer[] = [];
  for (let chunk = zlib.read() as Buffer | null; chunk !== null; chunk = zlib.read() as Buffer | null)
    chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A count, then names and values, each behind its length; all numbers are four bytes. */
function parse(block: Buffer): Headers {
  let position = 0;
  const number = () => {
    position += 4;
    return block.readUInt32BE(position - 4);
  };
  const text = () => {
    const length = number();
    position += length;
    return block.toString('latin1', position - length, position);
  };
  const headers: Record<string, string> = {};
  for (let left = number(); left > 0; left--) headers[text()] = text();
  return headers;
}

function format(headers: Headers): Buffer {
  const number = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const entries = Object.entries(headers);
  const texts = entries.flat().flatMap((text) => [number(text.length), Buffer.from(text, 'latin1')]);
  return Buffer.concat([number(entries.length), ...texts]);
}
