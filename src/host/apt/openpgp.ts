import { createHash } from 'node:crypto';

/** Tag of a packet that holds a primary public key: RFC 4880, 4.3. */
const PUBLIC_KEY = 6;

/**
 * Fingerprints of the primary keys in an armored OpenPGP block, in capitals; none where it is no such block. A publisher renews what
 * surrounds a key (dates, signatures), so digests of the file change; fingerprints do not. Version 4 keys only: RFC 4880, 12.2.
 */
export function fingerprints(armored: string): readonly string[] {
  const blocks = armored.matchAll(/-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?:\S+: .*\r?\n)*\r?\n([\s\S]*?)-----END/g);
  return [...blocks].flatMap(([, body = '']) => {
    // the checksum of the armor stands in a line of its own
    const bytes = Buffer.from(body.replace(/^=[\w+/]{4}\s*$/m, ''), 'base64');
    return [...packets(bytes)].flatMap(({ tag, content }) =>
      tag === PUBLIC_KEY && content[0] === 4 ? [fingerprint(content)] : [],
    );
  });
}

function fingerprint(content: Buffer): string {
  const head = Buffer.alloc(3);
  head[0] = 0x99;
  head.writeUInt16BE(content.length, 1);
  return createHash('sha1').update(head).update(content).digest('hex').toUpperCase();
}

/** Packets one after another; what is cut off or of indefinite length ends them. RFC 4880, 4.2. */
function* packets(bytes: Buffer): Generator<{ readonly tag: number; readonly content: Buffer }> {
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    if ((first & 0x80) === 0) return;
    const found = first & 0x40 ? newHeader(bytes, at) : oldHeader(bytes, at);
    if (!found || found.start + found.length > bytes.length) return;
    yield { tag: found.tag, content: bytes.subarray(found.start, found.start + found.length) };
    at = found.start + found.length;
  }
}

interface Header {
  readonly tag: number;
  readonly start: number;
  readonly length: number;
}

function oldHeader(bytes: Buffer, at: number): Header | undefined {
  const first = bytes[at] ?? 0;
  const size = [1, 2, 4][first & 3];
  if (size === undefined || at + 1 + size > bytes.length) return undefined;
  return { tag: (first >> 2) & 15, start: at + 1 + size, length: bytes.readUIntBE(at + 1, size) };
}

function newHeader(bytes: Buffer, at: number): Header | undefined {
  const tag = (bytes[at] ?? 0) & 63;
  const one = bytes[at + 1] ?? 0;
  if (one < 192) return { tag, start: at + 2, length: one };
  if (one < 224) return { tag, start: at + 3, length: ((one - 192) << 8) + (bytes[at + 2] ?? 0) + 192 };
  return one === 255 && at + 6 <= bytes.length ? { tag, start: at + 6, length: bytes.readUInt32BE(at + 2) } : undefined;
}
