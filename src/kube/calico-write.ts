import { dump } from 'js-yaml';
import { z } from 'zod';
import type { Writer } from '../core/context.ts';
import type { Command } from '../core/step.ts';
import { Within } from '../host/within.ts';
import { KubeAccess } from './access.ts';
import { CalicoApi } from './calico-api.ts';
import { type CalicoKind, ourLabels, resource } from './calico-objects.ts';
import { calicoctl, refuseOtherConfig } from './calicoctl.ts';
import { kubeFailure } from './failure.ts';
import { kubectl } from './kubectl.ts';

/** Where the objects of one kind of Calico's stand: a cluster, by what is its own, the way to its API, and whose labels they bear. */
export const CalicoPlace = z.strictObject({
  identity: z.string(),
  kube: KubeAccess,
  cluster: z.string(),
  api: CalicoApi,
  within: Within,
});
export type CalicoPlace = z.infer<typeof CalicoPlace>;

export const calicoPlaceId = ({ identity }: CalicoPlace): string => identity;

export interface Manifest {
  readonly kind: CalicoKind;
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * Makes or replaces objects, all in one call. Never `apply`: it would merge into, or overwrite, what somebody made since we looked,
 * and by kubectl it leaves an annotation; `create` refuses what exists, `replace` what does not.
 */
export function put(verb: 'create' | 'replace', place: CalicoPlace, objects: readonly Manifest[]): readonly Command[] {
  if (objects.length === 0) return [];
  // The API server checks what it is given; kubectl would first fetch its whole schema to do so too.
  const argv =
    place.api === 'v3'
      ? kubectl(place.kube, verb, '--validate=false', '-f', '-')
      : calicoctl(place.kube, verb, '-f', '-');
  return [{ argv, stdin: objects.map((object) => yaml(object, place)).join('---\n') }];
}

/** Deletes objects by name; those that are gone already are no failure. */
export function remove(kind: CalicoKind, place: CalicoPlace, names: readonly string[]): readonly Command[] {
  if (names.length === 0) return [];
  return place.api === 'v3'
    ? [{ argv: kubectl(place.kube, 'delete', resource(kind, place.api), ...names, '--ignore-not-found') }]
    : [{ argv: calicoctl(place.kube, 'delete', kind.toLowerCase(), ...names, '--skip-not-exists') }];
}

/** Sets fields of an object's spec and leaves all others; null takes a field away. calicoctl knows this kind of patch alone. */
export function patch(
  kind: CalicoKind,
  name: string,
  place: CalicoPlace,
  spec: Readonly<Record<string, unknown>>,
): readonly Command[] {
  const json = JSON.stringify({ spec });
  return place.api === 'v3'
    ? [{ argv: kubectl(place.kube, 'patch', resource(kind, place.api), name, '--type=merge', '--patch', json) }]
    : [{ argv: calicoctl(place.kube, 'patch', kind.toLowerCase(), name, `--patch=${json}`) }];
}

/** Runs commands one after another, and explains the first that fails. */
export async function send(ctx: Writer, { kube, api }: CalicoPlace, commands: readonly Command[]): Promise<void> {
  const machine = ctx.host(kube.host);
  if (api === 'crd' && commands.length > 0) await refuseOtherConfig(machine, kube);
  for (const { argv, stdin } of commands) {
    const output = await machine.run(argv, { codes: [1, 127], ...(stdin === undefined ? {} : { stdin }) });
    const words = argv.slice(argv.findIndex((word) => word === 'kubectl' || word === 'calicoctl'));
    if (output.code !== 0) throw kubeFailure(words.join(' '), machine.name, output);
  }
}

const yaml = ({ kind, name, spec }: Manifest, { cluster }: CalicoPlace): string =>
  dump({ apiVersion: 'projectcalico.org/v3', kind, metadata: { name, labels: ourLabels(cluster) }, spec });
