import { isDeepStrictEqual as same } from 'node:util';
import { dump, load } from 'js-yaml';
import { z } from 'zod';

const Config = z.looseObject({
  clusters: z.tuple([z.looseObject({ cluster: z.looseObject({ server: z.string() }) })]),
});
type Config = z.infer<typeof Config>;

/**
 * The kubeconfig that k3d prints, leading to an address that the server's certificate has in it: where k3d was not told one it is
 * 0.0.0.0, which is none.
 */
export function kubeconfigFor(printed: string, tlsSans: readonly string[], address: string | undefined): string {
  const config = Config.parse(load(printed));
  const [{ cluster, ...named }] = config.clusters;
  const server = new URL(cluster.server);
  server.hostname = address !== undefined && tlsSans.includes(address) ? address : '127.0.0.1';
  const clusters = [{ ...named, cluster: { ...cluster, server: `${server}`.replace(/\/$/, '') } }];
  return dump({ ...config, clusters }, { lineWidth: -1 });
}

/** Whether two kubeconfigs say the same. */
export const sameKubeconfig = (one: string, other: string): boolean => {
  const [left, right] = [parsed(one), parsed(other)];
  return left !== undefined && same(left, right);
};

function parsed(text: string): Config | undefined {
  try {
    return Config.parse(load(text));
  } catch {
    return undefined;
  }
}
