import { z } from 'zod';
import type { Reader } from '../../core/context.ts';
import { defineStep } from '../../core/define-step.ts';
import type { Command, ElementChange } from '../../core/step.ts';
import { Within } from '../../host/within.ts';
import { KubeAccess } from '../../kube/access.ts';
import { CalicoSettings, calicoObjects } from '../../kube/calico-manifest.ts';
import { kubeFailure } from '../../kube/failure.ts';
import { askKubectl, kubectl } from '../../kube/kubectl.ts';
import { listManaged, managed, objectDigest, objectKey, parseManaged } from '../../kube/managed-objects.ts';
import { type ManifestObject, parseManifest, printManifest } from '../../kube/manifest.ts';

/** What is asked for follows from the published manifest of a version and the settings; `identity` is what makes the cluster itself. */
const Place = z.strictObject({
  identity: z.string(),
  kube: KubeAccess,
  cluster: z.string(),
  version: z.string(),
  settings: CalicoSettings,
  within: Within,
});
export type CalicoManifestPlace = z.infer<typeof Place>;
type Change = ElementChange<string>;

const NAMESPACE = 'kube-system';
/** Milliseconds: the manifest has some thousand lines, and the API server has just begun. */
const DEADLINE = 180_000;

/** The one that was asked for last: it has ten thousand lines, and a run asks for it more than once. */
let last: { readonly published: string; readonly objects: readonly ManifestObject[] } | undefined;

/** The objects of Calico's published manifest, as its makers have them. */
export async function publishedObjects(
  { artifacts }: Pick<Reader, 'artifacts'>,
  { version }: Pick<CalicoManifestPlace, 'version'>,
): Promise<readonly ManifestObject[]> {
  const published = await artifacts.text({ name: 'calico-manifest', version, platform: 'any' });
  if (last?.published !== published) last = { published, objects: parseManifest(published) };
  return last.objects;
}

/** The same with a cluster's settings in them. */
export const manifestObjects = async (
  ctx: Pick<Reader, 'artifacts'>,
  { version, settings }: Pick<CalicoManifestPlace, 'version' | 'settings'>,
): Promise<readonly ManifestObject[]> => calicoObjects(await publishedObjects(ctx, { version }), settings);

/** The wish for all of them, by what they are called; the value is a digest of what is asked for. */
export const wantedObjects = (objects: readonly ManifestObject[]): readonly (readonly [string, string])[] =>
  objects.map((object) => [objectKey(object), objectDigest(object)] as const);

/**
 * Calico as its makers publish it, applied by the server's own merge. Objects bear our labels and the digest of what was asked for;
 * one that somebody else has put there is left. Everything is made anew from the place, so the journal holds no manifest.
 */
export const calicoManifestObjects = defineStep<CalicoManifestPlace, string>({
  kind: 'calico.manifest',
  place: Place,
  value: z.string(),
  undo: 'down',
  id: ({ identity }) => identity,
  title: ({ version }) => `Calico ${version}`,
  host: ({ kube }) => kube.host,
  within: ({ within }) => within,
  claim: (_, seen, __, ours) => (seen && !ours ? 'leave' : 'take'),
  describe: ({ key }) => key,
  risk: ({ key, from, to }) => {
    if (!to) return { risk: 'destructive', why: `${key}: pods lose their network` };
    return from ? { risk: 'disruptive', why: `${key} is rolled over` } : { risk: 'additive' };
  },

  async read(ctx, { kube, cluster, ...place }, keys) {
    const kinds = [...new Set((await manifestObjects(ctx, place)).map(({ kind }) => kind))];
    const found = parseManaged(await askKubectl(ctx, kube, ...listManaged(kinds, NAMESPACE)), cluster);
    return new Map(
      found
        .filter(({ key, ours }) => ours || keys.has(key))
        .map(({ key, digest, ours }) => [key, { value: digest, mark: ours ? 'ours' : 'other' }] as const),
    );
  },

  commands: (place, changes) => [
    ...(changes.some(({ to }) => to) ? [{ argv: apply(place), stdin: '<these objects of the manifest>\n' }] : []),
    ...removals(place, changes),
  ],

  async write(ctx, place, changes) {
    const machine = ctx.host(place.kube.host);
    const due = new Set(changes.flatMap(({ key, to }) => (to ? [key] : [])));
    const objects = (await manifestObjects(ctx, place)).filter((object) => due.has(objectKey(object)));
    const sent = objects.map((object) => managed(object, place.cluster));
    const commands: readonly Command[] = [
      ...(sent.length > 0
        ? [{ argv: apply(place), stdin: printManifest(sent, `of the cluster ${place.cluster}`) }]
        : []),
      ...removals(place, changes),
    ];
    for (const { argv, stdin } of commands) {
      const input = stdin === undefined ? {} : { stdin };
      const output = await machine.run(argv, { codes: [1, 127], timeout: DEADLINE, ...input });
      if (output.code !== 0) throw kubeFailure(argv.slice(argv.indexOf('20s') + 1).join(' '), machine.name, output);
    }
  },
});

/** The server merges, as with the manifest of a new version; what others have added to an object stays. */
const apply = ({ kube }: CalicoManifestPlace): readonly string[] =>
  kubectl(kube, 'apply', '--server-side', '--force-conflicts', '--field-manager=cpaas', '-f', '-');

/** Last made, first removed: definitions of kinds go when nothing needs them any more. */
const removals = ({ kube }: CalicoManifestPlace, changes: readonly Change[]): readonly Command[] =>
  changes
    .filter(({ to }) => to === undefined)
    .toReversed()
    .map(({ key }) => {
      const [kind = '', path = ''] = key.split(' ');
      const name = path.slice(path.indexOf('/') + 1);
      return { argv: kubectl(kube, 'delete', kind, name, '--namespace', NAMESPACE, '--ignore-not-found') };
    });
