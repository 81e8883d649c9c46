import type { Cluster } from '../config/schema.ts';
import type { Reader } from '../core/context.ts';
import type { Check } from '../core/documents.ts';
import type { Facts } from '../core/facts.ts';
import type { RouterTarget } from '../facts/router-target.ts';
import type { KubeAccess } from '../kube/access.ts';

/** What is verified. */
export interface Subject {
  readonly cluster: Cluster;
  readonly kube: KubeAccess;
  readonly routers: readonly RouterTarget[];
  /** Names of the nodes that the file speaks of. */
  readonly nodes: readonly string[] | undefined;
  /** Key of the machine that nodes are behind. */
  readonly gateway: string | undefined;
  readonly ctx: Reader;
  readonly facts: Facts;
}

/** One claim and what came of it. `id` is the same at every run: `session bigip1 server-0`. */
export const check = (
  [kind, ...about]: readonly [string, ...string[]],
  title: string,
  result: Check['result'],
  detail: string,
  seconds = 0,
): Check => ({ id: [kind, ...about].join(' '), title, subject: about.join(' → '), result, detail, seconds });

/** Runs something and says how long it took, in seconds. */
export async function timed<T>(act: () => Promise<T>): Promise<readonly [T, number]> {
  const start = performance.now();
  const result = await act();
  return [result, Math.round(performance.now() - start) / 1000];
}
