import { z } from 'zod';
import type { Writer } from '../../core/context.ts';
import { defineStep } from '../../core/define-step.ts';
import { CpaasError } from '../../core/errors.ts';
import { reading } from '../../core/reading.ts';
import type { Command, ElementChange } from '../../core/step.ts';
import { aptUpdate, aptUpdateOf, downloadFile } from '../../host/apt/commands.ts';
import { fingerprints } from '../../host/apt/openpgp.ts';
import { runApt } from '../../host/apt/run-apt.ts';
import { type AptSource, keyPath, sourcePath, sourceText } from '../../host/apt/source.ts';
import { LIST_SOURCES, sourceFileOf } from '../../host/apt/source-file-of.ts';
import { Within } from '../../host/within.ts';

/** `keys`: where the key of each repository is fetched from. */
const Place = z.strictObject({
  host: z.string(),
  set: z.string(),
  keys: z.record(z.string(), z.string()),
  proxy: z.string().optional(),
  within: Within,
});
export type HostRepositoriesPlace = z.infer<typeof Place>;

/**
 * The source as deb822, empty where only its key is there; fingerprint of the key, empty where it has none; another file that has a
 * source for the same, where ours is not there.
 */
const Repository = z.strictObject({ source: z.string(), key: z.string(), elsewhere: z.string().exactOptional() });
type Repository = z.infer<typeof Repository>;

/** The wish for a repository. */
export const repository = (source: AptSource): readonly [string, Repository] => [
  source.name,
  { source: sourceText(source), key: source.fingerprint },
];

/** Repositories of apt by their names, each a source that is signed by a key of its own. The key is known by its fingerprint. */
export const hostRepositories = defineStep<HostRepositoriesPlace, Repository>({
  kind: 'host.repositories',
  place: Place,
  value: Repository,
  undo: 'purge',
  id: ({ host, set }) => `${host}/${set}`,
  title: () => 'Package repositories',
  host: ({ host }) => host,
  within: ({ within }) => within,
  risk: () => ({ risk: 'additive' }),
  describe: ({ key, from, to }) => `${key}: ${field('URIs', to ?? from)} ${field('Suites', to ?? from)}`,
  claim: (key, seen, want, ours) => {
    const { source = '', key: signer = want.key, elsewhere } = seen?.value ?? {};
    if (elsewhere !== undefined)
      return {
        conflict: `${elsewhere} names that repository, and apt reads no source at all where two differ in their key: remove it`,
      };
    return ours || (source === '' && signer === want.key)
      ? 'take'
      : { conflict: `${sourcePath(key)} or its key is there already, with other content, and is not cpaas's` };
  },

  async read(ctx, { host, keys: urls }, keys) {
    const names = [...keys];
    const paths = names.flatMap((name) => [sourcePath(name), keyPath(name)]);
    const [sources, ...answers] = await ctx
      .host(host)
      .queryAll([
        reading(LIST_SOURCES, { codes: [1, 2] }),
        ...paths.map((path) => reading(['cat', path], { codes: [1] })),
      ]);
    return new Map(
      names.flatMap((name, at) => {
        const [source = '', key = ''] = answers.slice(2 * at, 2 * at + 2).map(({ stdout }) => stdout);
        const elsewhere = source === '' ? sourceFileOf(urls[name] ?? '', name, sources?.stdout ?? '') : undefined;
        const value = {
          source,
          key: key === '' ? '' : (fingerprints(key)[0] ?? 'unreadable'),
          ...(elsewhere === undefined ? {} : { elsewhere }),
        };
        return source === '' && key === '' && elsewhere === undefined ? [] : [[name, { value }] as const];
      }),
    );
  },

  commands: (place, changes) => changes.flatMap((change) => commandsOf(place, change)),

  async write(ctx, place, changes) {
    for (const change of changes)
      await (change.to ? add(ctx, place, change.key, change.to) : remove(ctx, place, change));
  },
});

const field = (name: string, value: Repository | undefined): string =>
  new RegExp(`^${name}: (.*)$`, 'm').exec(value?.source ?? '')?.[1] ?? '';

const fetched = (name: string): string => `/run/apt-key-${name}.asc`;

/** The key is looked at before it becomes one. */
function commandsOf(place: HostRepositoriesPlace, { key: name, to }: ElementChange<Repository>): readonly Command[] {
  const options = { proxy: place.proxy };
  if (!to) return [{ argv: ['rm', '-f', sourcePath(name), keyPath(name)] }, { argv: aptUpdate(options) }];
  return [
    { argv: downloadFile(place.keys[name] ?? '', fetched(name), options) },
    { argv: ['install', '-D', '-m', '644', fetched(name), keyPath(name)] },
    { argv: ['rm', '-f', fetched(name)] },
    { argv: ['install', '-m', '644', '/dev/stdin', sourcePath(name)], stdin: to.source },
    { argv: aptUpdateOf(sourcePath(name), options) },
  ];
}

async function add(ctx: Writer, place: HostRepositoriesPlace, name: string, to: Repository): Promise<void> {
  const machine = ctx.host(place.host);
  const [download, install, clean, , update] = commandsOf(place, {
    key: name,
    from: undefined,
    to,
    before: undefined,
    cause: 'wanted',
  });
  await runApt(machine, download?.argv ?? [], ctx);
  const [key] = fingerprints((await machine.read(fetched(name))) ?? '');
  if (key !== to.key) {
    await machine.run(clean?.argv ?? []);
    throw new CpaasError('APT.KEY', `${machine.name}: the key of repository ${name} is another one than it should be`, {
      evidence: [
        { label: 'wanted', text: to.key },
        { label: 'fetched', text: key ?? 'no OpenPGP key' },
        { label: 'from', text: place.keys[name] ?? '' },
      ],
      next: [{ label: 'find out who answers for that address: a proxy, a mirror, or somebody who should not' }],
    });
  }
  await machine.run(install?.argv ?? []);
  await machine.run(clean?.argv ?? []);
  await machine.write(sourcePath(name), to.source);
  await runApt(machine, update?.argv ?? [], ctx);
}

async function remove(ctx: Writer, place: HostRepositoriesPlace, change: ElementChange<Repository>): Promise<void> {
  const machine = ctx.host(place.host);
  const [files, update] = commandsOf(place, change);
  await machine.run(files?.argv ?? []);
  // without a network its lists stay until the next update: no reason to fail
  await machine.run(update?.argv ?? [], { codes: [100], timeout: 120_000 });
}
