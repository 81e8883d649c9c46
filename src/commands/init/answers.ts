import { hostAnswer, type InitAnswers, routerAnswer } from '../../config/init.ts';
import type { InvalidClusterFile } from '../../config/problems.ts';
import { CpaasError } from '../../core/errors.ts';
import type { InitFlags } from './flags.ts';

/** Flags that say something of some providers only. */
const OF: readonly (readonly [flag: keyof InitFlags, providers: readonly InitAnswers['provider'][]])[] = [
  ['topology', ['lab']],
  ['servers', ['lab', 'k3d']],
  ['agents', ['lab', 'k3d']],
  ['controlPlane', ['kubeadm']],
  ['worker', ['kubeadm']],
  ['kubeconfig', ['existing']],
  ['context', ['existing']],
];

/** What the flags answer. Throws `USAGE.FLAGS` where one of them has nothing to say of the provider. */
export function answersOf(flags: InitFlags): InitAnswers {
  const { name = 'cpaas1', provider = 'lab', controlPlane = [], worker = [], router = [] } = flags;
  const { topology, servers, agents, kubeconfig, context, asNumber, nodes, pods, services } = flags;
  const idle = OF.filter(([flag, providers]) => flags[flag] !== undefined && !providers.includes(provider));
  if (idle.length > 0)
    throw new CpaasError('USAGE.FLAGS', `provider ${provider} does not know what these flags say`, {
      evidence: idle.map(([flag, providers]) => ({ label: spelled(flag), text: `of ${providers.join(' and ')}` })),
      next: [{ label: 'which flag is of what', command: 'cpaas init --help' }],
    });
  const network = defined({ nodes, pods, services });
  const hosts = [
    ...controlPlane.map((each) => hostAnswer(each, 'control-plane')),
    ...worker.map((each) => hostAnswer(each, 'worker')),
  ];
  return {
    name,
    provider,
    ...defined({ topology, servers, agents, kubeconfig, context, asNumber }),
    ...(hosts.length > 0 ? { hosts } : {}),
    ...(Object.keys(network).length > 0 ? { network } : {}),
    routers: router.map(routerAnswer),
  };
}

/** By which flag a field is answered; other fields keep their path. */
const FLAGS: readonly (readonly [path: RegExp, flag: string])[] = [
  [/^metadata\.name$/, '--name'],
  [/^spec\.network\.(nodes|pods|services)$/, '--$1'],
  [/^spec\.bgp\.asNumber$/, '--as-number'],
  [/^spec\.routers\b.*$/, '--router'],
  [/^spec\.provider\.kubeadm\.hosts\b.*$/, '--control-plane, --worker'],
  [/^spec\.provider\.\w+\.(servers|agents)$/, '--$1'],
];

/** What is wrong with the answers, by the flags that give them: nobody has a file in which to look up a line. */
export const wrongAnswers = ({ file, problems }: InvalidClusterFile): CpaasError =>
  new CpaasError('USAGE.FLAGS', `these answers make no cluster file; ${file} was not written`, {
    evidence: problems.map(({ path, message }) => {
      const [pattern, flag] = FLAGS.find(([each]) => each.test(path)) ?? [];
      return { label: pattern && flag ? path.replace(pattern, flag) : path, text: message };
    }),
    next: [{ label: 'every flag', command: 'cpaas init --help' }],
  });

const spelled = (flag: string): string => `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Without the properties that were not given. */
function defined<T extends object>(given: T): { readonly [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}
