import { createHash, createHmac } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A line of a known_hosts file that speaks of the host in question. See `SSH_KNOWN_HOSTS FILE FORMAT` in sshd(8). */
export interface KnownKey {
  readonly marker: 'key' | 'revoked' | 'cert-authority';
  /** `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256`. */
  readonly type: string;
  readonly key: Buffer;
  /** `FILE:LINE`, for people. */
  readonly where: string;
}

export type Judgement =
  | { readonly verdict: 'known' }
  | { readonly verdict: 'revoked'; readonly by: KnownKey }
  /** The host is known by other keys. */
  | { readonly verdict: 'changed'; readonly expected: readonly KnownKey[] }
  /** `authorities`: lines that would vouch for it by certificate, which ssh2 cannot check. */
  | { readonly verdict: 'unknown'; readonly authorities: readonly KnownKey[] };

/** The host's name as known_hosts files write it. */
export const knownHostName = (host: string, port: number): string =>
  port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;

/** What these files say of a host. Files that are not there say nothing. */
export async function keysKnownFor(name: string, files: readonly string[]): Promise<readonly KnownKey[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.flatMap((text, at) =>
    text.split('\n').flatMap((line, index) => {
      const known = parseLine(line);
      if (known === undefined || !namesHost(known.hosts, name)) return [];
      return [{ ...known.key, where: `${files[at]}:${index + 1}` }];
    }),
  );
}

/**
 * One equal key in any file is enough. Stricter than OpenSSH in one thing: a host that is known by keys of other types only is a changed
 * one, since whoever stands in the middle may choose the type he offers.
 */
export function judge(known: readonly KnownKey[], key: Buffer): Judgement {
  const by = (marker: KnownKey['marker']) => known.filter((line) => line.marker === marker);
  const revoked = by('revoked').find((line) => line.key.equals(key));
  if (revoked) return { verdict: 'revoked', by: revoked };
  const expected = by('key');
  if (expected.some((line) => line.key.equals(key))) return { verdict: 'known' };
  if (expected.length > 0) return { verdict: 'changed', expected };
  return { verdict: 'unknown', authorities: by('cert-authority') };
}

/** ssh2's own order of preference. */
const ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const;
export type HostKeyAlgorithm = (typeof ALGORITHMS)[number];

/** The algorithms to offer, first those whose keys we could recognise: a server shows one key only, of the first type it has. */
export function algorithmsFor(known: readonly KnownKey[]): HostKeyAlgorithm[] {
  const types = new Set(known.filter(({ marker }) => marker === 'key').map(({ type }) => type));
  const recognised = (algorithm: string) => types.has(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm);
  return [...ALGORITHMS.filter(recognised), ...ALGORITHMS.filter((algorithm) => !recognised(algorithm))];
}

/** As `ssh-keygen -l` prints it. */
export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** The type that a public key names itself, in its first field. */
export const keyType = (key: Buffer): string => key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1');

/** Adds a host to a file of ours. */
export async function remember(file: string, name: string, key: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await appendFile(file, `${name} ${keyType(key)} ${key.toString('base64')}\n`, { mode: 0o600 });
}

function parseLine(line: string): { readonly hosts: string; readonly key: Omit<KnownKey, 'where'> } | undefined {
  const fields = line.trim().split(/\s+/);
  const marker = fields[0]?.startsWith('@') ? fields.shift()?.slice(1) : 'key';
  const [hosts, type, base64] = fields;
  if (!hosts || hosts.startsWith('#') || !type || !base64) return undefined;
  if (marker !== 'key' && marker !== 'revoked' && marker !== 'cert-authority') return undefined;
  return { hosts, key: { marker, type, key: Buffer.from(base64, 'base64') } };
}

function namesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = hosts.split('|');
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  }
  const patterns = hosts.toLowerCase().split(',');
  const matches = (pattern: string) => wildcard(pattern).test(name);
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern));
}

const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
