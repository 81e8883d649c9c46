import { satisfies } from 'semver';
import { z } from 'zod';
import type { Artifact, ArtifactFile, Content } from '../../core/artifacts.ts';
import type { Reader, Writer } from '../../core/context.ts';
import { defineStep } from '../../core/define-step.ts';
import { platformOf } from '../../core/platform.ts';
import { reading, versionQuestion } from '../../core/reading.ts';
import type { Claim, Command, ElementChange, Seen } from '../../core/step.ts';
import { lookAtPrograms } from '../../host/program-files.ts';
import { Within } from '../../host/within.ts';

/** `accepts`: versions of somebody else's program that will do as they are, as a semver range; the wanted one alone when left out. */
const Place = z.strictObject({
  host: z.string(),
  folder: z.string().startsWith('/'),
  accepts: z.record(z.string(), z.string()).optional(),
  within: Within,
});
export type HostBinariesPlace = z.infer<typeof Place>;

const Program = z.strictObject({
  version: z.string(),
  sha256: z.string(),
  /** Only where it is none that lets everybody run it. */
  mode: z.string().optional(),
});
/** `used`: somebody else's things are in it. */
const Folder = z.strictObject({ folder: z.literal(true), used: z.literal(true).optional() });
const Value = z.union([Program, Folder]);
export type HostBinary = z.infer<typeof Program>;
type Value = z.infer<typeof Value>;
type Change = ElementChange<Value>;

/** Wishes for programs in a folder: the folder and those above it come first. */
export const binaries = (
  folder: string,
  programs: Iterable<readonly [string, HostBinary]>,
): readonly (readonly [string, Value])[] => [
  ...foldersTo(folder).map((path) => [path, { folder: true }] as const),
  ...programs,
];

/**
 * Programs in one folder of a host, by name and digest; and the folders, by path with a slash at its end, where they have to be made. A
 * program of somebody else's is left when its version will do, and otherwise a conflict: cpaas replaces none but its own.
 */
export const hostBinaries = defineStep<HostBinariesPlace, Value>({
  kind: 'host.binaries',
  place: Place,
  value: Value,
  undo: 'purge',
  id: ({ host, folder }) => `${host}${folder}`,
  title: ({ folder }) => `Programs in ${folder}`,
  host: ({ host }) => host,
  within: ({ within }) => within,
  claim,
  risk: ({ key, to, from }) =>
    to || (from && 'folder' in from) ? { risk: 'additive' } : { risk: 'disruptive', why: `${key} is no longer there` },
  describe: ({ key, from, to }) =>
    isFolder(key) ? `folder ${key}` : `${key} ${[versionOf(from), versionOf(to)].filter(Boolean).join(' → ')}`,

  async read(ctx, { host, folder }, keys) {
    const names = [...keys].filter((key) => !isFolder(key));
    const found = await lookAtPrograms(ctx.host(host), folder, names, [...keys].filter(isFolder));
    const foreign = (path: string, name: string) =>
      !keys.has(`${path}${name}/`) && !(path === `${folder}/` && keys.has(name));
    const folders = [...found.folders].map(([path, entries]): [string, Seen<Value>] => {
      const used = entries.some((name) => foreign(path, name));
      return [path, { value: { folder: true, ...(used ? { used } : {}) } }];
    });
    const programs = [...found.programs].map(async ([name, file]): Promise<[string, Seen<Value>]> => {
      const version = await versionAt(ctx, host, `${folder}/${name}`, file.sha256);
      return [name, { value: { version, ...file } }];
    });
    return new Map([...folders, ...(await Promise.all(programs))]);
  },

  async fetch(ctx, { host }, changes) {
    for (const [, program] of await publishedFor(ctx, host, changes)) await ctx.artifacts.file(program);
  },

  commands: ({ folder }, changes) => [
    ...changes.filter(({ key, to }) => isFolder(key) && to).map(({ key }): Command => ({ argv: ['mkdir', '-p', key] })),
    ...programsOf(changes).map(
      ({ key, to }): Command => ({
        argv: to
          ? ['install', '-m', '755', `<${key} ${versionOf(to)}>`, `${folder}/${key}`]
          : ['rm', '-f', '--', `${folder}/${key}`],
      }),
    ),
    ...goneFolders(changes).map((key): Command => ({ argv: ['rmdir', '--ignore-fail-on-non-empty', key] })),
  ],

  async write(ctx, place, changes) {
    const machine = ctx.host(place.host);
    for (const { key, to } of changes) if (isFolder(key) && to) await machine.run(['mkdir', '-p', key]);
    const gone = programsOf(changes)
      .filter(({ to }) => !to)
      .map(({ key }) => `${place.folder}/${key}`);
    for (const [name, program] of await publishedFor(ctx, place.host, changes))
      await install(ctx, place, name, await ctx.artifacts.file(program));
    if (gone.length > 0) await machine.run(['rm', '-f', '--', ...gone]);
    for (const key of goneFolders(changes)) await machine.run(['rmdir', '--ignore-fail-on-non-empty', key]);
  },
});

function claim(
  key: string,
  seen: Seen<Value> | undefined,
  want: Value,
  ours: boolean,
  { folder, accepts }: HostBinariesPlace,
): Claim {
  if (!seen) return 'take';
  if (!('sha256' in seen.value) || !('sha256' in want)) return 'leave';
  if (ours) return 'take';
  const { version, mode } = seen.value;
  if (mode !== undefined) return { conflict: `somebody’s ${folder}/${key} cannot be run by everybody (mode ${mode})` };
  if (satisfies(version, accepts?.[key] ?? want.version, { includePrerelease: true })) return 'leave';
  const which = version === UNKNOWN ? 'of an unknown version' : version;
  return {
    conflict: `somebody’s ${key} ${which} stands in ${folder}, and ${want.version} is wanted: remove it, or choose another folder (spec.tools.folder)`,
  };
}

/** What is known of it without a question to it; otherwise what it says itself. */
async function versionAt(ctx: Reader, host: string, path: string, sha256: string): Promise<string> {
  const known = await ctx.artifacts.identify(sha256);
  if (known) return known.version;
  const question = versionQuestion(path);
  const said = question && (await ctx.host(host).query(question));
  return /\bv?(\d+\.\d+\.\d+[0-9A-Za-z.+-]*)/.exec(said?.code === 0 ? said.stdout : '')?.[1] ?? UNKNOWN;
}

async function install(ctx: Writer, place: HostBinariesPlace, name: string, file: ArtifactFile): Promise<void> {
  await ctx.host(place.host).write(
    `${place.folder}/${name}`,
    told(file, (share) => ctx.progress(`${name}: ${share} %`)),
    { mode: 0o755 },
  );
}

/** The programs that are to come, by name, each as it is published for the host's kind of machine. */
async function publishedFor(
  ctx: Reader,
  host: string,
  changes: readonly Change[],
): Promise<readonly (readonly [string, Artifact])[]> {
  const wanted = programsOf(changes).flatMap(({ key, to }) => (to && 'version' in to ? [[key, to] as const] : []));
  if (wanted.length === 0) return [];
  const { stdout } = await ctx.host(host).query(reading(['uname', '-sm']));
  const [system = '', architecture = ''] = stdout.trim().split(' ');
  const platform = platformOf(system, architecture);
  return wanted.map(([name, { version }]) => [name, ctx.artifacts.program(name, version, platform)]);
}

/** The same bytes; tells each tenth of them that is on its way. */
const told = (content: Content, tell: (share: number) => void): Content => ({
  size: content.size,
  open: async function* () {
    let gone = 0;
    for await (const chunk of content.open()) {
      const before = Math.floor((gone / content.size) * 10);
      gone += chunk.byteLength;
      const share = Math.floor((gone / content.size) * 10);
      if (share > before) tell(share * 10);
      yield chunk;
    }
  },
});

const UNKNOWN = 'unknown';
const isFolder = (key: string): boolean => key.endsWith('/');
const programsOf = (changes: readonly Change[]): readonly Change[] => changes.filter(({ key }) => !isFolder(key));
const versionOf = (value: Value | undefined): string => (value && 'version' in value ? value.version : '');

/** The deepest first. */
const goneFolders = (changes: readonly Change[]): readonly string[] =>
  changes
    .filter(({ key, to }) => isFolder(key) && !to)
    .map(({ key }) => key)
    .sort((one, other) => other.length - one.length);

/** `/opt/`, `/opt/cni/`, `/opt/cni/bin/`. */
const foldersTo = (folder: string): readonly string[] =>
  folder
    .split('/')
    .slice(1)
    .map((_, at, words) => `/${words.slice(0, at + 1).join('/')}/`);
