import { existsSync, writeFileSync } from 'node:fs';
import { type InitAnswers, renderClusterFile, routerAnswer } from '../config/init.ts';
import { parseCluster } from '../config/load.ts';
import { CpaasError } from '../core/errors.ts';
import { examples, type VerbModule } from './command.ts';
import { type Globals, positive } from './globals.ts';
import { repeatable } from './repeatable.ts';
import { filePath } from './target.ts';

interface Options {
  readonly name: string;
  readonly provider: InitAnswers['provider'];
  readonly topology?: 'vm' | 'flat';
  readonly servers?: number;
  readonly agents?: number;
  readonly kubeconfig?: string;
  readonly nodes?: string;
  readonly pods?: string;
  readonly services?: string;
  readonly asNumber?: string;
  readonly router: readonly string[];
  readonly force?: boolean;
}

export const define: VerbModule['define'] = (command, act) => {
  command
    .option('--name <name>', 'name of the cluster', 'cpaas1')
    .option('--provider <provider>', 'lab, k3d, kubeadm or existing', 'lab')
    .option('--topology <topology>', 'of a lab: vm or flat')
    .option('--servers <n>', 'control-plane nodes of a lab or of k3d', positive)
    .option('--agents <n>', 'worker nodes of a lab or of k3d', positive)
    .option('--kubeconfig <path>', 'of an existing cluster')
    .option('--nodes <cidr>', 'the node network')
    .option('--pods <cidr>', 'the pod network')
    .option('--services <cidr>', 'the service network')
    .option('--as-number <asn>', "the cluster's AS number")
    .option('--router <name=address[,asn]>', 'a BIG-IP by its self-IP; once for each', repeatable, [])
    .option('--force', 'overwrite the file');
  examples(command, [
    ['cpaas init --router bigip1=10.10.2.20', "the articles' network as a lab"],
    [
      'cpaas init --topology flat --router bigip1=10.1.20.11 --router bigip2=10.1.20.12',
      'two hosts and a pair on one LAN',
    ],
  ]);
  act<Options>(command, async ({ options, io }) => {
    const file = filePath(options, io);
    if (existsSync(file) && !options.force)
      throw new CpaasError('INIT.EXISTS', `${file} is there already`, {
        next: [{ label: 'overwrites it', command: 'cpaas init --force' }],
      });
    const text = renderClusterFile(answersOf(options));
    // what is wrong with an answer is said before there is a file
    parseCluster(text, file);
    writeFileSync(file, text);
    return {
      kind: 'ClusterFile',
      data: { file, text },
      text: ({ style }) => `${style.done('✔')} ${file} is written.   cpaas plan shows what it asks for`,
      exit: 0,
    };
  });
};

function answersOf({
  name,
  provider,
  topology,
  servers,
  agents,
  kubeconfig,
  asNumber,
  ...rest
}: Options & Globals): InitAnswers {
  const { nodes, pods, services } = rest;
  const network = defined({ nodes, pods, services });
  return {
    name,
    provider,
    ...defined({ topology, servers, agents, kubeconfig, asNumber }),
    ...(Object.keys(network).length > 0 ? { network } : {}),
    routers: rest.router.map(routerAnswer),
  };
}

/** Without the properties that were not given. */
function defined<T extends object>(given: T): { readonly [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}
