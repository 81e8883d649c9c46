import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { reading } from '../../core/reading.ts';
import type { Claim, Command, ElementChange } from '../../core/step.ts';
import { aptChange, aptInstall, aptPurge, aptUpdate, DPKG_CONFIGURE } from '../../host/apt/commands.ts';
import { orphans } from '../../host/apt/orphans.ts';
import { listPackages, parsePackages } from '../../host/apt/packages.ts';
import { runApt } from '../../host/apt/run-apt.ts';
import { Within } from '../../host/within.ts';

/**
 * `set` names these packages among others of the host: `docker`, `kubernetes`. `proxy` is a URL. `leaves`: folders that their programs
 * make and nobody takes away; they go with the packages when nothing is in them.
 */
const Place = z.strictObject({
  host: z.string(),
  set: z.string(),
  title: z.string(),
  proxy: z.string().optional(),
  leaves: z.array(z.string()).optional(),
  within: Within,
});
export type HostPackagesPlace = z.infer<typeof Place>;

const INSTALLED = 'installed';
const HELD = 'held';

/** The wish for a package in whatever version the sources have. One that is there already is left as it is. */
export const installed = (name: string): readonly [string, string] => [name, INSTALLED];

/** The wish for a package in one version, as dpkg writes it, that no upgrade takes away. */
export const pinned = (name: string, version: string): readonly (readonly [string, string])[] => [
  [name, INSTALLED],
  [`${name} version`, version],
  [`${name} hold`, HELD],
];

/**
 * Packages of a Debian or Ubuntu host: that they are installed, and where it matters their version and that it is held. What was there
 * before is left, and never upgraded. Undo purges what was installed, with the dependencies that came along and nobody else needs.
 */
export const hostPackages = defineStep<HostPackagesPlace, string>({
  kind: 'host.packages',
  place: Place,
  value: z.string(),
  undo: 'purge',
  id: ({ host, set }) => `${host}/${set}`,
  title: ({ title }) => title,
  host: ({ host }) => host,
  within: ({ within }) => within,
  describe: ({ key, to }) => (key.includes(' ') && to ? key.replace(/(version|hold)$/, to) : key),
  risk({ key, from, to }) {
    const [name, aspect] = key.split(' ');
    if (aspect === undefined && to === undefined)
      return { risk: 'disruptive', why: `${key} is uninstalled: what it runs ends` };
    if (aspect === 'version' && from !== undefined && to !== undefined)
      return { risk: 'disruptive', why: `${name} becomes ${to}: what runs of it is started again` };
    return { risk: 'additive' };
  },

  claim(key, seen, want, ours): Claim {
    if (!seen || ours) return 'take';
    const [name] = key.split(' ');
    return { conflict: `${name} is installed already, in version ${seen.value}: ${want} is wanted` };
  },

  async read(ctx, { host }, keys) {
    const asked = [...new Set([...keys].map(nameOf))];
    if (asked.length === 0) return new Map();
    const states = parsePackages(await ctx.host(host).query(reading(listPackages(asked), { codes: [1] })));
    return new Map(
      [...keys].flatMap((key) => {
        const [name = '', aspect] = key.split(' ');
        const state = states.get(name);
        if (!state || (aspect === 'hold' && !state.held)) return [];
        if (aspect === 'hold') return [[key, { value: HELD }] as const];
        return [[key, { value: aspect === 'version' ? state.version : INSTALLED }] as const];
      }),
    );
  },

  commands: (place, changes) => {
    const todo = work(changes);
    return [...commandsOf(place, todo, []), ...removingEmptyFolders(place, todo).map((argv) => ({ argv }))];
  },

  async write(ctx, place, changes) {
    const machine = ctx.host(place.host);
    const todo = work(changes);
    const orphaned = todo.removed.length > 0 ? await orphans(machine, todo.removed) : [];
    for (const { argv } of commandsOf(place, todo, orphaned)) await runApt(machine, argv, { progress: ctx.progress });
    for (const argv of removingEmptyFolders(place, todo)) await machine.run(argv, { codes: [1] });
  },
});

/** Names of packages, with `=version` where one is asked for. */
interface Work {
  readonly removed: readonly string[];
  readonly released: readonly string[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly held: readonly string[];
}

/** What has to be done with which packages: `jq`, `kubelet=1.35.8-1.1`. */
function work(changes: readonly ElementChange<string>[]): Work {
  const of = (aspect: string) => changes.filter(({ key }) => key.endsWith(aspect));
  const packages = changes.filter(({ key }) => !key.includes(' '));
  const versions = new Map(of(' version').map(({ key, to }) => [nameOf(key), to]));
  const removed = packages.flatMap(({ key, to }) => (to === undefined ? [key] : []));
  const added = packages.flatMap(({ key, to }) => (to === undefined ? [] : [key]));
  const changed = [...versions].filter(
    ([name, to]) => to !== undefined && !added.includes(name) && !removed.includes(name),
  );
  const holds = of(' hold').filter(({ key }) => !removed.includes(nameOf(key)));
  return {
    removed,
    released: holds.flatMap(({ key, to }) => (to === undefined ? [nameOf(key)] : [])),
    added: added.map((name) => withVersion(name, versions.get(name))),
    changed: changed.map(([name, version]) => withVersion(name, version)),
    // apt lets go of a held package that it is told to change
    held: [
      ...new Set([
        ...holds.filter(({ to }) => to !== undefined).map(({ key }) => nameOf(key)),
        ...changed.map(([name]) => name),
      ]),
    ],
  };
}

/** A folder that is not there is no trouble. */
const removingEmptyFolders = ({ leaves = [] }: HostPackagesPlace, { removed }: Work): readonly (readonly string[])[] =>
  removed.length > 0 && leaves.length > 0 ? [['find', ...leaves, '-type', 'd', '-empty', '-delete']] : [];

const nameOf = (key: string): string => key.replace(/ .*$/, '');
const withVersion = (name: string, version: string | undefined): string => (version ? `${name}=${version}` : name);

function commandsOf(
  place: HostPackagesPlace,
  { removed, released, added, changed, held }: Work,
  orphaned: readonly string[],
) {
  const options = { proxy: place.proxy };
  const install = added.length + changed.length > 0;
  const argvs = [
    ...(install || removed.length > 0 ? [DPKG_CONFIGURE] : []),
    ...(removed.length > 0 ? [aptPurge([...removed, ...orphaned], options)] : []),
    ...(released.length > 0 ? [['apt-mark', 'unhold', ...released]] : []),
    ...(install ? [aptUpdate(options)] : []),
    ...(added.length > 0 ? [aptInstall(added, options)] : []),
    ...(changed.length > 0 ? [aptChange(changed, options)] : []),
    ...(held.length > 0 ? [['apt-mark', 'hold', ...held]] : []),
  ];
  return argvs.map((argv): Command => ({ argv }));
}
