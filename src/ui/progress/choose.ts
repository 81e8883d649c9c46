import { environmentOf, type Screen } from '../text/environment.ts';
import { styleFor } from '../text/style.ts';
import { listener, type UiListener } from './listener.ts';

/** How a run is shown: `--progress`. `auto` is `tty` on a terminal and `plain` elsewhere. */
export type Progress = 'auto' | 'tty' | 'plain' | 'json' | 'none';

export interface ProgressOptions {
  readonly progress: Progress;
  /** Also each command sent, with its host: what scrolls needs plain lines. */
  readonly verbose: boolean;
  readonly noColor: boolean;
  readonly redact: (text: string) => string;
  /** Names of the phases in order, so that the ones to come stand below the one that runs. */
  readonly phases?: readonly string[];
  /** stderr, unless a test listens. */
  readonly stream?: Screen;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The listener that fits the terminal and the flags. The log file is another one, beside it. */
export async function progressListener({
  progress,
  verbose,
  noColor,
  redact,
  phases = [],
  stream = process.stderr,
  env = process.env,
}: ProgressOptions): Promise<UiListener> {
  const environment = environmentOf(stream, env, { noColor });
  switch (progress === 'auto' ? automatic(environment.tty && env['TERM'] !== 'dumb', verbose) : progress) {
    case 'none':
      return listener(() => {});
    case 'json': {
      const { ndjsonListener } = await import('./ndjson.ts');
      return ndjsonListener({ stream, redact });
    }
    case 'plain': {
      const { plainListener } = await import('./plain.ts');
      return plainListener({ stream, redact, verbose, style: await styleFor(environment) });
    }
    case 'tty': {
      const { tasksListener } = await import('./tasks.ts');
      const { unicode } = environment;
      return tasksListener({ stream, redact, unicode, style: await styleFor(environment) }, phases);
    }
  }
}

const automatic = (terminal: boolean, verbose: boolean): 'tty' | 'plain' => (terminal && !verbose ? 'tty' : 'plain');
