import type { Path } from '../path.ts';
import type { Finding } from '../problems.ts';
import type { Cluster } from '../schema.ts';
import type { DeepPartial } from '../shape.ts';

/** What is known of a cluster: everything when the file is sound, otherwise the sound parts of it. */
export type Draft = DeepPartial<Cluster>;
export type DraftRouter = DeepPartial<Cluster['spec']['routers'][number]>;

/** Looks at several fields together. A check says nothing about what is not known. */
export type Check = (cluster: Draft) => Iterable<Finding>;

export const error = (path: Path, message: string): Finding => ({ path, message, severity: 'error' });
export const warning = (path: Path, message: string): Finding => ({ path, message, severity: 'warning' });

/** The routers with their places. */
export function routersOf(cluster: Draft): readonly { readonly router: DraftRouter; readonly path: Path }[] {
  return (cluster.spec?.routers ?? []).flatMap((router, i) =>
    router ? [{ router, path: ['spec', 'routers', i] }] : [],
  );
}

const NETWORK_WORDS = {
  nodes: 'node network',
  pods: 'pod network',
  services: 'service network',
  lan: "routers' LAN",
} as const;

/** The networks that are known, with their places, in the file's usual order. */
export function networksOf(cluster: Draft) {
  const { network = {} } = cluster.spec ?? {};
  return (['nodes', 'pods', 'services', 'lan'] as const).flatMap((name) => {
    const cidr = network[name];
    return cidr === undefined
      ? []
      : [{ name, words: NETWORK_WORDS[name], cidr, path: ['spec', 'network', name] as Path }];
  });
}

/** Every value that was there before, with its first place: for names and addresses that must differ. */
export function* repeated<T>(values: Iterable<{ readonly value: T | undefined; readonly path: Path }>) {
  const first = new Map<T, Path>();
  for (const { value, path } of values) {
    if (value === undefined) continue;
    const before = first.get(value);
    if (before) yield { value, path, before };
    else first.set(value, path);
  }
}
