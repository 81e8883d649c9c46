import { existsSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { type Answer, type Call, type ExitOnly, examples, type VerbModule } from '../../cli/command.ts';
import { positive } from '../../cli/globals.ts';
import { repeatable } from '../../cli/repeatable.ts';
import { viewOn } from '../../cli/view.ts';
import { providerWords, renderClusterFile } from '../../config/init.ts';
import { parseCluster } from '../../config/load.ts';
import { InvalidClusterFile } from '../../config/problems.ts';
import { CpaasError } from '../../core/errors.ts';
import { filePath } from '../../session/target.ts';
import { answersOf, wrongAnswers } from './answers.ts';
import type { InitFlags } from './flags.ts';

interface Options extends InitFlags {
  readonly force?: boolean;
}

export const define: VerbModule['define'] = (command, act) => {
  command
    .option('--name <name>', 'name of the cluster (default: cpaas1)')
    .addOption(
      new Option('--provider <provider>', 'where the cluster comes from (default: lab)').choices(
        Object.keys(providerWords),
      ),
    )
    .addOption(new Option('--topology <topology>', 'of a lab').choices(['vm', 'flat']))
    .option('--servers <n>', 'control-plane nodes of a lab or of k3d', positive)
    .option('--agents <n>', 'worker nodes of a lab or of k3d', positive)
    .option('--control-plane <name=address>', 'a machine for kubeadm; once for each', repeatable)
    .option('--worker <name=address>', 'a machine for kubeadm; once for each', repeatable)
    .option('--kubeconfig <path>', 'of an existing cluster')
    .option('--context <name>', 'of an existing cluster, in its kubeconfig')
    .option('--nodes <cidr>', 'the node network')
    .option('--pods <cidr>', 'the pod network')
    .option('--services <cidr>', 'the service network')
    .option('--as-number <asn>', "the cluster's AS number")
    .option('--router <name=address[,asn]>', 'a BIG-IP by its self-IP; once for each', repeatable)
    .option('--force', 'overwrite the file');
  examples(command, [
    ['cpaas init', 'asks, on a terminal; -y takes what is usual'],
    ['cpaas init --router bigip1=10.10.2.20', "asks nothing: the articles' network as a lab"],
    ['cpaas init --topology flat --router bigip1=10.1.20.11', 'two hosts on one LAN with it'],
  ]);
  act<Options>(command, async (call): Promise<Answer | ExitOnly> => {
    const { options, io } = call;
    const file = filePath(options, io);
    // before anything is asked
    if (existsSync(file) && !options.force) throw exists(file);
    const flags = hasAnswers(command) || options.yes ? options : await asked(call);
    if (!flags) return { exit: 130 };
    const text = renderClusterFile(answersOf(flags));
    // what is wrong with an answer is said before there is a file
    check(text, file);
    write(text, file, options);
    return {
      kind: 'ClusterFile',
      data: { file, text },
      text: ({ style, as = (command) => command }) =>
        `${style.done('✔')} ${file} is written.   ${as('cpaas plan')} shows what it asks for`,
      exit: 0,
    };
  });
};

/** Whether a flag has answered something: then nothing is asked, and the rest is as usual. */
const hasAnswers = (command: Command): boolean =>
  command.options.some((option) => option.long !== '--force' && command.getOptionValueSource(option.attributeName()));

/** The answers of whoever sits at the terminal; no flags where there is none, nothing when he left. */
async function asked({ options, io }: Call): Promise<InitFlags | undefined> {
  const { stdin: input, stderr: output } = io;
  if (!input.isTTY || !output.isTTY) return {};
  const [{ PromptAborted, questionsOn }, { askInit }] = await Promise.all([
    import('../../ui/prompts/questions.ts'),
    import('./questions.ts'),
  ]);
  const view = await viewOn('stderr', options, io);
  try {
    return await askInit(await questionsOn({ input, output, view, signal: io.interrupted }));
  } catch (error) {
    if (!(error instanceof PromptAborted)) throw error;
    output.write('interrupted; nothing was written\n');
    return undefined;
  }
}

function check(text: string, file: string): void {
  try {
    parseCluster(text, file);
  } catch (error) {
    throw error instanceof InvalidClusterFile ? wrongAnswers(error) : error;
  }
}

const exists = (file: string): CpaasError =>
  new CpaasError('INIT.EXISTS', `${file} is there already`, {
    next: [{ label: 'overwrites it', command: 'cpaas init --force' }],
  });

/** Without `force` what has come there meanwhile stays as it is. */
function write(text: string, file: string, { force }: Options): void {
  try {
    writeFileSync(file, text, { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') throw exists(file);
    const next = [{ label: 'writes it elsewhere', command: 'cpaas init -f PATH' }];
    throw new CpaasError('INIT.WRITE', `${file} cannot be written`, { cause, next });
  }
}
