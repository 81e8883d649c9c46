import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Artifact, Platform } from '../core/artifacts.ts';
import { CpaasError } from '../core/errors.ts';

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const PlatformName = z.enum(['linux/amd64', 'linux/arm64', 'darwin/amd64', 'darwin/arm64', 'any']);

/** A file of `catalog/`. In texts stand `{version}`, `{os}`, `{Os}` (Linux), `{arch}`; in `checksum` also `{url}`. */
const Entry = z.strictObject({
  name: z.string(),
  /** What it is, for people. */
  about: z.string(),
  /** The version that is taken when nobody says which. */
  default: z.string(),
  url: z.string(),
  /** Where the publisher tells its digest; left out where it does not. */
  checksum: z.string().optional(),
  platforms: z.array(PlatformName).min(1),
  /** Its programs: each with its place in the archive, or with nothing when the file is the program. */
  programs: z.record(z.string(), z.string()).optional(),
  /** By version and platform. A version that is not here can be had too: its digest goes into `cpaas.lock`. */
  sha256: z.record(z.string(), z.partialRecord(PlatformName, Sha256)),
});
export type Entry = z.infer<typeof Entry>;

/** Where an artifact comes from, and what is known of it beforehand. */
export interface Source {
  readonly url: string;
  readonly checksum: string | undefined;
  /** The digest of what is at `url`, where the catalog has it. */
  readonly pinned: string | undefined;
  /** The place of the program in the archive; nothing when the file itself was asked for. */
  readonly member: string | undefined;
}

const FOLDER = new URL('../../catalog/', import.meta.url);
const entries = new Map<string, Entry>();

/** Every name of the catalog. */
export const catalogNames = (): readonly string[] =>
  readdirSync(FOLDER)
    .flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []))
    .sort();

/** What the catalog says of a name. Throws `ARTIFACT.UNKNOWN` where it says nothing. */
export function entryOf(name: string): Entry {
  const known = entries.get(name);
  if (known) return known;
  if (!catalogNames().includes(name)) throw unknown(`the catalog has no ${name}`);
  const entry = Entry.parse(JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')));
  entries.set(name, entry);
  return entry;
}

/** It becomes a part of URLs and of paths in the cache. */
const VERSION = /^\d[0-9A-Za-z.+_-]{0,62}$/;

/** `v3.31.7` and `3.31.7` are one version. */
const bareVersion = (version: string): string => version.replace(/^v(?=\d)/, '');

/** An artifact as everything else compares it. Throws `ARTIFACT.UNKNOWN` for what is not published. */
export function canonical({ name, version, platform, program }: Artifact): Artifact {
  const entry = entryOf(name);
  const { platforms, programs = {} } = entry;
  const of = platforms.includes('any') ? 'any' : platform;
  const plain = bareVersion(version);
  if (!VERSION.test(plain)) throw unknown(`${JSON.stringify(version)} is no version of ${name}`);
  if (!platforms.includes(of)) throw unknown(`there is no ${name} for ${platform}: only for ${platforms.join(', ')}`);
  if (program !== undefined && !Object.hasOwn(programs, program))
    throw unknown(`${name} has no program ${program}: only ${Object.keys(programs).join(', ') || 'none'}`);
  // the file is the program: one artifact, one name
  const inside = program !== undefined && programs[program] !== '';
  return { name, version: plain, platform: of, ...(inside ? { program } : {}) };
}

/** The artifact that a program of this name is, or is in. Throws `ARTIFACT.UNKNOWN` where the catalog has none. */
export function programNamed(program: string, version: string, platform: Platform): Artifact {
  const name = catalogNames().find((each) => Object.hasOwn(entryOf(each).programs ?? {}, program));
  if (name === undefined) throw unknown(`nothing in the catalog has a program ${program}`);
  return canonical({ name, version, platform, program });
}

export function sourceOf(artifact: Artifact): Source {
  const { name, version, platform, program } = canonical(artifact);
  const entry = entryOf(name);
  const fill = filling(version, platform);
  const url = fill(entry.url);
  const member = program === undefined ? undefined : entry.programs?.[program];
  return {
    url,
    checksum: entry.checksum === undefined ? undefined : fill(entry.checksum.replaceAll('{url}', entry.url)),
    pinned: entry.sha256[version]?.[platform],
    member: member === undefined ? undefined : fill(member),
  };
}

/** A whole artifact whose pinned digest this is. */
export function pinnedAs(sha256: string): Artifact | undefined {
  for (const name of catalogNames())
    for (const [version, digests] of Object.entries(entryOf(name).sha256))
      for (const [platform, digest] of Object.entries(digests))
        if (digest === sha256) return { name, version, platform: platform as Platform };
  return undefined;
}

/** `k3d 5.9.0 linux/amd64`, `helm:helm 3.18.4 linux/amd64`: what tells an artifact from every other. */
export const keyOf = ({ name, program, version, platform }: Artifact): string =>
  `${program === undefined ? name : `${name}:${program}`} ${version} ${platform}`;

/** The same as words of a path. */
export const wordsOf = ({ name, version, platform }: Artifact) => [name, version, platform.replace('/', '-')] as const;

/** The artifact whose key a text is; nothing where it is none. */
export function artifactNamed(key: string): Artifact | undefined {
  const [, name, program, version, platform] = /^([a-z0-9-]+)(?::([a-z0-9-]+))? (\S+) (\S+)$/.exec(key) ?? [];
  const on = PlatformName.safeParse(platform);
  if (name === undefined || version === undefined || !on.success) return undefined;
  return { name, version, platform: on.data, ...(program === undefined ? {} : { program }) };
}

/** `kubectl 1.35.8 for linux/amd64`, for messages. */
export const nameOf = ({ name, version, platform, program }: Artifact): string =>
  `${program === undefined || program === name ? name : `${program} of ${name}`} ${version}${platform === 'any' ? '' : ` for ${platform}`}`;

function filling(version: string, platform: Platform): (template: string) => string {
  const [os = '', arch = ''] = platform.split('/');
  const values: Readonly<Record<string, string>> = {
    version: encodeURIComponent(version),
    os,
    Os: `${os.slice(0, 1).toUpperCase()}${os.slice(1)}`,
    arch,
  };
  return (template) => template.replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
}

const unknown = (message: string): CpaasError =>
  new CpaasError('ARTIFACT.UNKNOWN', message, {
    next: [{ label: 'see that name, version and platform in the cluster file are ones that exist' }],
  });
