import type { Environment } from './environment.ts';

type Paint = (text: string) => string;

/** Colours repeat what the words say. `encode` is the last thing done to a text: it makes it fit a terminal without UTF-8. */
export interface Style {
  /** Green: done, as it should be. */
  readonly done: Paint;
  /** Yellow: will change, is running. */
  readonly change: Paint;
  /** Red: wrong, or about to be removed. */
  readonly wrong: Paint;
  /** Already so, or said in passing. */
  readonly dim: Paint;
  readonly strong: Paint;
  readonly encode: Paint;
}

const same: Paint = (text) => text;

/** No colour, UTF-8: what goes to a file. */
export const plainStyle: Style = { done: same, change: same, wrong: same, dim: same, strong: same, encode: same };

/** The style for one stream. The sixteen colours of the terminal's own theme are used, no others. */
export async function styleFor({ color, unicode }: Pick<Environment, 'color' | 'unicode'>): Promise<Style> {
  const encode = unicode ? same : ascii;
  if (!color) return { ...plainStyle, encode };
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  // One argument each: chalk joins all that it is given, and `map` gives three.
  return {
    done: (text) => chalk.green(text),
    change: (text) => chalk.yellow(text),
    wrong: (text) => chalk.red(text),
    dim: (text) => chalk.dim(text),
    strong: (text) => chalk.bold(text),
    encode,
  };
}

/** Each of one column, so that what was aligned stays so. */
const substitutes: Readonly<Record<string, string>> = {
  '✔': '*',
  '✖': 'X',
  '●': '*',
  '○': 'o',
  '→': '>',
  '·': '-',
  '–': '-',
  '…': '~',
  '├': '|',
  '└': '`',
  '│': '|',
  '─': '-',
  '•': '*',
};

/** Replaces the signs that cpaas itself draws with; other letters are the user's own and pass. */
export function ascii(text: string): string {
  return text.replace(/[✔✖●○→·–…├└│─•]/g, (sign) => substitutes[sign] ?? sign);
}
