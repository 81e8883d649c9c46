import type { Command as Commander } from 'commander';
import type { ErrorScreen } from '../ui/screens/error.ts';
import type { View } from '../ui/text/renderer.ts';
import type { Globals } from './globals.ts';
import type { Io } from './io.ts';

/** What a command has to say when it is done. `ui/` prints it: as text for people, whole for programs. */
export interface Answer {
  /** `Plan`, `Run`, `Status` …: the kind of the document. */
  readonly kind: string;
  readonly data: object;
  /** The same for people; nothing is printed when it is empty. Called with the width and the style of where it goes. */
  readonly text: (view: View) => string;
  /** What went wrong though there is a result; told on stderr. */
  readonly failure?: ErrorScreen;
  /** 0 done · 2 could not · 3 the answer was no · 4 changes found · 5 something is wrong · 130 interrupted. */
  readonly exit: ExitCode;
}

export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 130;

/** Another program has done the talking: only its exit code is left to pass on. */
export interface ExitOnly {
  readonly exit: number;
}

/** What a command's action is given. */
export interface Call<Options = object> {
  readonly args: readonly string[];
  readonly options: Options & Globals;
  readonly io: Io;
}

/** A verb, or a group of verbs. `commands/index.ts` lists them; a module is loaded only when its verb is called. */
export interface Verb {
  readonly name: string;
  /** One line, for `cpaas --help`. */
  readonly summary: string;
  readonly load: () => Promise<VerbModule>;
}

export interface VerbModule {
  /** Declares arguments, options and examples, and says what to do. */
  define(command: Commander, act: Act): void;
}

/** Binds an action to a command of the command line. Nothing is printed where the action answers nothing. */
export type Act = <Options = object>(
  command: Commander,
  action: (call: Call<Options>) => Promise<Answer | ExitOnly | undefined>,
) => void;

/** Columns of a terminal that examples may take: what is printed is copied, so nothing may be wrapped in it. */
const WIDTH = 80;

/** Examples at the end of a command's help, one `[line, what it does]` each; what has no room beside its line stands below it. */
export function examples(command: Commander, lines: readonly (readonly [string, string])[]): void {
  const fits = ([, what]: readonly [string, string], width: number): boolean => 2 + width + what.length <= WIDTH;
  const short = lines.filter((each) => fits(each, each[0].length + 3));
  const width = Math.max(0, ...short.map(([line]) => line.length)) + 3;
  const text = lines
    .map(([line, what]) =>
      line.length < width && fits([line, what], width) ? `  ${line.padEnd(width)}${what}` : `  ${line}\n      ${what}`,
    )
    .join('\n');
  command.addHelpText('after', `\nExamples:\n${text}`);
}
