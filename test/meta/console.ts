/** A ```console block of a page: what somebody types behind `$ `, and what it prints. */
export interface ConsoleBlock {
  readonly line: number;
  /** Marked `console run`: every command in it can run anywhere, without root, a lab or a unit. */
  readonly runs: boolean;
  readonly commands: readonly { readonly typed: string; readonly printed: readonly string[] }[];
}

/** The ```console blocks of a page in Markdown. */
export function consoleBlocks(page: string): readonly ConsoleBlock[] {
  const blocks = [...page.matchAll(/^```console( run)?\n(.*?)^```$/gms)];
  return blocks.map(({ index, 1: run, 2: text = '' }) => ({
    line: page.slice(0, index).split('\n').length,
    runs: run !== undefined,
    commands: text
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [typed = '', ...printed] = part.trimEnd().split('\n');
        return { typed, printed };
      }),
  }));
}

/** Whether a program printed what a page shows: the same lines, where `…` alone on a line stands for any. */
export function printedAs(shown: readonly string[], printed: string): boolean {
  const quoted = (line: string): string => line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const lines = shown.map((line) => (line === '…' ? '(?:.*\\n)*?' : `${quoted(line)} *\\n`));
  return new RegExp(`^${lines.join('')}$`).test(printed);
}
