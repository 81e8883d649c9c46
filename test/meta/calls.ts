/** A call of cpaas in a text for people. */
export interface CallLine {
  readonly line: string;
  /** Words that are no flags, up to `--`: the command, then its arguments and the values of flags. */
  readonly words: readonly string[];
  readonly flags: readonly string[];
}

/** The calls of cpaas in a text: at the start of a line, after a prompt, a pipe, an arrow, `sudo` or `npx`. */
export const calls = (text: string): readonly CallLine[] =>
  text.split('\n').flatMap((line) => {
    const call = /^\s*(?:[$#→]\s+)?(?:.*\|\s*)?(?:sudo\s+|npx\s+)?(?:bin\/)?cpaas(?:\.js)?(?: (.*))?$/.exec(line);
    if (!call) return [];
    // three spaces separate a call from what is said about it; `#` begins a comment of the shell
    const [said = ''] = (call[1] ?? '').split(/ {2,}|\s#|\s[|>&]/);
    const all = said.split(/\s+/).filter((word) => word !== '');
    const own = all.includes('--') ? all.slice(0, all.indexOf('--')) : all;
    const flags = own.filter((word) => word.startsWith('-')).map((word) => word.split('=')[0] ?? word);
    return [{ line: line.trim(), words: own.filter((word) => !word.startsWith('-')), flags }];
  });
