import { type Command, InvalidArgumentError, Option } from 'commander';

/** Options that every command takes. */
export interface Globals {
  readonly file?: string;
  readonly output: 'text' | 'json' | 'yaml';
  readonly progress: 'auto' | 'tty' | 'plain' | 'json' | 'none';
  readonly verbose?: boolean;
  readonly cluster?: string;
  readonly logFile?: string;
  readonly yes?: boolean;
  readonly confirm?: string;
  /** Seconds. */
  readonly timeout?: number;
  readonly parallel: number;
  readonly stateDir?: string;
  readonly bundle?: string;
  readonly color: boolean;
  readonly acceptNewHostKeys?: boolean;
}

export const DEFAULT_FILE = 'cpaas.yaml';

/** Declares them; they are understood before and after the verb. */
export function declareGlobals(program: Command): Command {
  return program
    .option('-f, --file <path>', `the cluster file (default: ${DEFAULT_FILE}, or CPAAS_FILE)`)
    .addOption(
      new Option('-o, --output <format>', 'what stdout holds').choices(['text', 'json', 'yaml']).default('text'),
    )
    .addOption(
      new Option('--progress <how>', 'what stderr shows meanwhile')
        .choices(['auto', 'tty', 'plain', 'json', 'none'])
        .default('auto'),
    )
    .option('-v, --verbose', 'show each command that is sent, with its host')
    .option('--cluster <cluster>', 'act on the state of a cluster whose file is gone')
    .option('--log-file <path>', 'write the log of this run there as well')
    .option('-y, --yes', 'agree to what disrupts')
    .option('--confirm <cluster>', 'agree to what destroys, by the name of the cluster')
    .option('--timeout <seconds>', 'give up waiting after so long', positive)
    .option('--parallel <n>', 'how many hosts at a time', positive, 30)
    .option('--state-dir <path>', 'keep the state there (default: $XDG_STATE_HOME/cpaas)')
    .option('--bundle <file>', 'take programs, manifests and images from there, and download nothing')
    .option('--accept-new-host-keys', 'trust hosts whose SSH key is not known yet')
    .option('--no-color', 'no colours (also: NO_COLOR)');
}

/** A positive whole number from the command line. */
export function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('it must be a whole number from 1 up.');
  return number;
}
