import type { ClusterOptions } from './advised-command.ts';
import type { Globals } from './globals.ts';

/** How the user wants to be told, as far as that can be seen in a command line that could not be understood. */
export type OutputOptions = Pick<Globals, 'output' | 'progress' | 'color'> & ClusterOptions;

const OUTPUT = /^(?:--output|-[vyV]*o)(?:=?(json|yaml|text))?$/;
const FILE = /^(?:--file|-[vy]*f)(?:=(.+))?$/;
const CLUSTER = /^--cluster(?:=(.+))?$/;
const STATE = /^--state-dir(?:=(.+))?$/;
const PROGRESS = /^--progress(?:=(\w+))?$/;

export function outputOptionsIn(argv: readonly string[]): OutputOptions {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  const said = (flag: RegExp): string | undefined =>
    words
      .flatMap((word, at) => {
        const found = flag.exec(word);
        return found ? (found[1] ?? words[at + 1] ?? []) : [];
      })
      .at(-1);
  const output = said(OUTPUT);
  const [file, cluster, stateDir] = [said(FILE), said(CLUSTER), said(STATE)];
  return {
    output: output === 'json' || output === 'yaml' ? output : 'text',
    progress: said(PROGRESS) === 'json' ? 'json' : 'auto',
    color: !words.includes('--no-color'),
    ...(file === undefined ? {} : { file }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(stateDir === undefined ? {} : { stateDir }),
  };
}
