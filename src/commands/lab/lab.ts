import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Call, examples, type VerbModule } from '../../cli/command.ts';
import type { Globals } from '../../cli/globals.ts';
import { handOver } from '../../cli/hand-over.ts';
import type { Io } from '../../cli/io.ts';
import type { Cluster } from '../../config/schema.ts';
import { CpaasError } from '../../core/errors.ts';
import { filePath, mustBeAbout } from '../../session/target.ts';
import { type Spinner, spinner } from '../../ui/progress/spinner.ts';

export const define: VerbModule['define'] = (command, act) => {
  examples(command, [
    ['cpaas lab up', 'machines with nothing configured between them'],
    ['cpaas lab shell bigip1', 'a BIG-IP to try imish and tmsh on'],
    ['cpaas lab down', 'nothing is left'],
  ]);

  const up = command.command('up').description('start the machines of the file, with nothing configured between them');
  examples(up, [['cpaas lab up -f examples/lab-flat.yaml', 'two hosts and a BIG-IP pair on one LAN']]);
  act(up, async (call) => {
    const { labApply } = await import('../../lab/ctl.ts');
    const { labSpec } = await import('../../providers/lab/spec.ts');
    const cluster = await labCluster(call);
    if (!cluster.spec.provider.lab)
      throw new CpaasError('LAB.PROVIDER', `${cluster.metadata.name} is no lab: its provider is another one`);
    const told = await progress(call);
    const state = await labApply(labSpec(cluster), (line) => told.say(line)).finally(() => told.stop());
    const { name } = state;
    const count = `${state.machines.length} machines`;
    return {
      kind: 'Lab',
      data: state,
      text: ({ style }) => `${style.done('✔')} lab ${name} is up: ${count}.   cpaas lab shell NODE   cpaas up`,
      exit: 0,
    };
  });

  const down = command.command('down').description('remove a lab, also what a crash has left of it');
  down.argument('[lab]', "the lab's name; the file's when left out");
  examples(down, [
    ['cpaas lab down', "the file's lab"],
    ['cpaas lab down lab-vm', 'by name'],
  ]);
  act(down, async (call) => {
    const { labDown } = await import('../../lab/ctl.ts');
    const name = call.args[0] ?? (await labCluster(call)).metadata.name;
    await labDown(name);
    return {
      kind: 'Lab',
      data: { name, machines: [] },
      text: ({ style }) => `${style.done('✔')} lab ${name} is gone.`,
      exit: 0,
    };
  });

  const list = command.command('list').description('the labs on this machine');
  examples(list, [['cpaas lab list', 'running or not']]);
  act(list, async () => {
    const [{ labList }, { labsText }] = await Promise.all([
      import('../../lab/ctl.ts'),
      import('../../ui/screens/labs.ts'),
    ]);
    const labs = (await labList()).map(({ name, running, spec }) => ({
      name,
      topology: spec?.topology ?? ('vm' as const),
      nodes: spec?.nodes.length ?? 0,
      routers: spec?.routers.length ?? 0,
      running,
    }));
    return { kind: 'Labs', data: { labs }, text: (view) => labsText({ labs }, view), exit: 0 };
  });

  const shell = command.command('shell').description('a shell on a machine of the lab, or one command there');
  shell.argument('<machine>', 'vm, server-0, agent-1, bigip1, …');
  shell.argument('[words...]', 'a command to run there instead, after --');
  examples(shell, [
    ['cpaas lab shell bigip1', 'bash of the unit: imish, tmsh'],
    ['cpaas lab shell bigip1 -- tmsh list net self', 'one command, with its exit code'],
    ['echo "ip route" | cpaas lab shell vm', 'commands from a pipe'],
  ]);
  act(shell, async (call) => {
    const { labShell } = await import('../../lab/ctl.ts');
    const [machine = '', ...words] = call.args;
    const { metadata } = await labCluster(call);
    return { exit: await handOver(await labShell(metadata.name, machine, words)) };
  });
};

/** The file's cluster; where there is no file and none was named, the first example, so that a lab can be tried at once. */
export async function labCluster({
  options,
  io,
}: {
  readonly options: Globals;
  readonly io: Pick<Io, 'env'>;
}): Promise<Cluster> {
  const { loadCluster } = await import('../../config/load.ts');
  const path = filePath(options, io);
  const named = options.file !== undefined || io.env['CPAAS_FILE'];
  const example = fileURLToPath(new URL('../../../examples/lab-vm.yaml', import.meta.url));
  const file = named || existsSync(path) ? path : example;
  const cluster = await loadCluster(file);
  mustBeAbout(options.cluster, cluster.metadata.name, file);
  return cluster;
}

/** Who is told how far the lab is. */
async function progress({ options, io }: Call): Promise<Spinner> {
  if (options.progress === 'none') return { say: () => {}, stop: () => {} };
  if (options.progress !== 'json') return spinner(io.stderr as NodeJS.WriteStream);
  const say = (text: string): void => {
    io.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), type: 'lab.progress', text })}\n`);
  };
  return { say, stop: () => {} };
}
