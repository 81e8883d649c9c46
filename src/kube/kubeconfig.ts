import { z } from 'zod';
import type { Reader } from '../core/context.ts';
import { CpaasError } from '../core/errors.ts';
import type { KubeAccess } from './access.ts';
import { askKubectl } from './kubectl.ts';

const Section = z.record(z.string(), z.unknown());
/** What kubectl prints of one context: `--minify` leaves one of each. */
const Minified = z.looseObject({
  clusters: z.tuple([z.looseObject({ cluster: z.looseObject({ server: z.string() }) })]),
  contexts: z.tuple([z.looseObject({ context: Section })]),
  users: z
    .array(z.looseObject({ user: Section }))
    .max(1)
    .nullish(),
});

/** How one cluster is reached and who logs in there, as a kubeconfig has it. */
export interface Login {
  readonly cluster: Readonly<Record<string, unknown>> & { readonly server: string };
  readonly user: Readonly<Record<string, unknown>>;
  /** Of its context. */
  readonly namespace?: unknown;
}

/**
 * The login that cpaas itself uses, whole: files that it refers to are taken in, since they are on that host only. What kubectl printed
 * is quoted by no error: it is a secret.
 */
export async function loginOf(ctx: Reader, access: KubeAccess): Promise<Login> {
  const text = await askKubectl(ctx, access, 'config', 'view', '--raw', '--flatten', '--minify', '-o', 'json');
  const parsed = Minified.safeParse(json(text));
  if (!parsed.success)
    throw new CpaasError('KUBE.CONFIG', `the kubeconfig on ${ctx.host(access.host).name} leads to no cluster`, {
      evidence: [{ label: 'file', text: access.kubeconfig }],
    });
  const { clusters, contexts, users } = parsed.data;
  const { namespace } = contexts[0].context;
  return {
    cluster: clusters[0].cluster,
    user: users?.[0]?.user ?? {},
    ...(namespace === undefined ? {} : { namespace }),
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
