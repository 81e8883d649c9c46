import { z } from 'zod';
import type { Reader } from '../core/context.ts';
import { CpaasError } from '../core/errors.ts';
import { reading } from '../core/reading.ts';
import { parseAnswer } from '../host/answer.ts';
import type { KubeAccess } from './access.ts';
import { kubeFailure } from './failure.ts';

/** A kubectl command line for a cluster. It gives up by itself, so that a hanging API server shows as one. */
export const kubectl = ({ kubeconfig, context }: KubeAccess, ...args: readonly string[]): readonly string[] => [
  'kubectl',
  '--kubeconfig',
  kubeconfig,
  ...(context === undefined ? [] : ['--context', context]),
  '--request-timeout',
  '20s',
  ...args,
];

/** What may stand on a command line: no API server gives a name that could be taken for an option, or for two words. */
const Name = z.string().regex(/^[^\s-]\S*$/);

/** What every object has. `kind` tells which of the kinds asked for it is. */
export const KubeObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: Name,
    namespace: Name.optional(),
    uid: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});
export type KubeObject = z.infer<typeof KubeObject>;

/** Asks kubectl and gives back what it printed. Rejects with `KUBE.*` when it failed. */
export async function askKubectl(ctx: Reader, access: KubeAccess, ...args: readonly string[]): Promise<string> {
  const machine = ctx.host(access.host);
  const output = await machine.query(reading(kubectl(access, ...args), { codes: [1, 127], slow: true }));
  if (output.code !== 0) throw kubeFailure(`kubectl ${args.join(' ')}`, machine.name, output);
  return output.stdout;
}

/** The same for an answer in JSON. A document that ends half-way or has another shape is `KUBE.ANSWER`. */
export async function askJson<T>(
  ctx: Reader,
  access: KubeAccess,
  schema: z.ZodType<T>,
  ...args: readonly string[]
): Promise<T> {
  const stdout = await askKubectl(ctx, access, ...args);
  return parseAnswer(schema, stdout, 'KUBE.ANSWER', `kubectl ${args.slice(0, 2).join(' ')}`);
}

/** A part of an object in the shape that is needed. Throws `KUBE.ANSWER`, naming the object, where it has another. */
export function partOf<T>(schema: z.ZodType<T>, { kind, metadata, ...object }: KubeObject, part: string): T {
  const parsed = schema.safeParse(object[part] ?? {});
  if (parsed.success) return parsed.data;
  throw new CpaasError('KUBE.ANSWER', `${kind} ${metadata.name} of the cluster is not as cpaas knows such objects`, {
    cause: parsed.error,
    evidence: [{ label: part, text: z.prettifyError(parsed.error) }],
  });
}

const List = z.object({ items: z.array(KubeObject) });

/** All objects of some kinds, of every namespace, in one call. Kinds of a group need its name: `bgppeers.crd.projectcalico.org`. */
export async function getObjects(
  ctx: Reader,
  access: KubeAccess,
  ...kinds: readonly string[]
): Promise<readonly KubeObject[]> {
  return (await askJson(ctx, access, List, 'get', kinds.join(','), '--all-namespaces', '-o', 'json')).items;
}

/** Those objects of one kind, of every namespace, that bear a label: `k8s-app=calico-node`. */
export async function getLabelled(
  ctx: Reader,
  access: KubeAccess,
  kind: string,
  label: string,
): Promise<readonly KubeObject[]> {
  return (await askJson(ctx, access, List, 'get', kind, '--all-namespaces', '-l', label, '-o', 'json')).items;
}
