import { type Command, Option } from 'commander';
import type { Call } from '../../cli/command.ts';
import { repeatable } from '../../cli/repeatable.ts';
import type { AdhocFlags, AdhocNeeds } from '../../config/adhoc.ts';
import type { Evidence } from '../../core/errors.ts';
import { CpaasError } from '../../core/errors.ts';
import type { Adhoc } from '../../providers/adhoc/adhoc.ts';

/** Flags that stand in for a cluster file. */
export interface AdhocOptions extends AdhocFlags {
  /** False with `--no-cluster`. */
  readonly clusterSide?: boolean;
}

type FlagName = 'as' | 'neighbors' | 'kubeconfig' | 'unit' | 'cluster';

/** Declares them, those that a command has a use for; in the order in which one thinks of them. */
export function declareAdhoc(command: Command, flags: readonly FlagName[]): void {
  const has = (flag: FlagName): boolean => flags.includes(flag);
  command.option(
    '--router <login>',
    'a unit, without a cluster file: ssh://root@10.1.20.11:22 (repeatable)',
    repeatable,
  );
  if (has('as')) command.option('--as <number>', "the units' own AS; the cluster's, when only that is known");
  if (has('neighbors'))
    command.option('--neighbors <addresses>', 'whom to peer with: 10.1.20.20,10.1.20.21', repeatable);
  if (has('kubeconfig'))
    command
      .option('--from-kubeconfig <path>', "or: the nodes of that cluster, by Calico's addresses")
      .option('--context <name>', 'context in the kubeconfig; the current one');
  if (has('as'))
    command
      .option('--remote-as <number>', "the neighbors' AS; the cluster's where it is known, else that of --as")
      .option('--peer-group <name>', 'the peer group they join (default: calico-k8s)')
      .option('--self-ip <name>', 'self-IP that they peer with; the one in their network, when left out');
  if (has('unit'))
    command
      .option('--route-domain <number>', 'route domain that BGP runs in (default: 0)')
      .option('--password-env <name>', 'environment variable that holds the password of the login; keys need none');
  // `--cluster NAME` is another option: they must not share a place
  if (has('cluster'))
    command.addOption(
      Object.assign(new Option('--no-cluster', "leave the cluster's end alone, and wait for no session"), {
        attributeName: () => 'clusterSide',
      }),
    );
}

/**
 * What the flags amount to; nothing where a cluster file is meant. Rejects with `USAGE.FLAGS` what cannot be meant. `shared`: flags
 * that mean something with a file, too.
 */
export async function adhocOf(
  { options, io }: Call<AdhocOptions>,
  needs: AdhocNeeds,
  shared: readonly (keyof AdhocFlags)[] = [],
): Promise<Adhoc | undefined> {
  const { clusterSide = true, file, cluster: _, ...rest } = options;
  const given = ADHOC_FLAGS.filter((flag) => rest[flag] !== undefined && !shared.includes(flag));
  if (given.length === 0) return undefined;
  const [{ adhocWish, misused }, { adhoc }] = await Promise.all([
    import('../../config/adhoc.ts'),
    import('../../providers/adhoc/adhoc.ts'),
  ]);
  const both: Evidence = { label: '--file', text: 'stands beside --router: a file names its own routers' };
  try {
    const wish = adhocWish(rest, needs, io.env);
    if (file === undefined) return adhoc(wish, clusterSide);
  } catch (error) {
    if (file === undefined || !(error instanceof CpaasError)) throw error;
    throw misused(needs.verb, [both, ...error.evidence]);
  }
  throw misused(needs.verb, [both]);
}

const ADHOC_FLAGS = [
  'router',
  'as',
  'remoteAs',
  'neighbors',
  'fromKubeconfig',
  'context',
  'peerGroup',
  'routeDomain',
  'selfIp',
  'passwordEnv',
] as const satisfies readonly (keyof AdhocFlags)[];

/** Says, where a cluster file is missing, that there is a way without one. */
export async function suggestingFlags<T>(opening: Promise<T>, line: string): Promise<T> {
  return opening.catch((error: unknown) => {
    if (!(error instanceof CpaasError) || error.code !== 'CONFIG.MISSING') throw error;
    const { code, message, cause, evidence, next } = error;
    throw new CpaasError(code, message, { cause, evidence, next: [{ label: 'does without', command: line }, ...next] });
  });
}
