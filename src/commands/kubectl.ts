import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { CpaasError } from '../core/errors.ts';
import type { HostSpec } from '../core/host-spec.ts';
import { kubectl } from '../kube/kubectl.ts';
import { examples, type VerbModule } from './command.ts';
import { target } from './target.ts';

export const define: VerbModule['define'] = (command, act) => {
  command.argument('[words...]', "kubectl's own words, after --");
  examples(command, [
    ['cpaas kubectl -- get nodes -o wide', 'in the cluster of cpaas.yaml'],
    ['cpaas kubectl -f lab.yaml -- get pods -A', 'in another'],
  ]);
  act(command, async ({ args, options, io }) => {
    const { blueprint } = await target(options, io, {});
    if (!blueprint) throw new Error('a cluster file was asked for');
    const { kube, hosts } = blueprint;
    return { exit: await handOver(there(hosts[kube.host], kubectl(kube, ...args))) };
  });
};

/** The words that run a command where the API is reachable, with this terminal. */
function there(host: HostSpec | undefined, argv: readonly string[]): readonly string[] {
  if (host?.reach.via === 'local') return argv;
  if (host?.reach.via !== 'netns')
    throw new CpaasError('USAGE.KUBECTL', 'kubectl is not handed through SSH: log in to that host');
  const { namespace, path = [] } = host.reach;
  const inside = ['env', `PATH=${[...path, process.env['PATH']].join(':')}`, ...argv];
  return ['ip', 'netns', 'exec', namespace, ...inside];
}

/** Runs a program with our terminal and resolves with its exit code, as a shell counts it. */
export function handOver([program = '', ...words]: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: 'inherit' });
    child.on('error', (cause) =>
      reject(new CpaasError('HOST.COMMAND', `${program} cannot be run: ${cause.message}`, { cause })),
    );
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
