import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Files that git knows or would know: tracked, or new and not ignored. Paths from the repository's root. */
export const treeFiles = (...patterns: readonly string[]): readonly string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '--', ...patterns], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '' && content(path) !== undefined);

/** Nothing for a file that was removed and not committed yet. */
function content(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

export const textOf = (path: string): string => content(path) ?? '';

const FROM = /(?:^|\n)(?:import|export)\s[^;]*?from\s+'(\.[^']+)'|\bimport\('(\.[^']+)'\)/g;

/** Files of ours that a file imports, lazily or not, types included. */
export const importsOf = (path: string): readonly string[] =>
  [...textOf(path).matchAll(FROM)].map(([, eager, lazy]) => normalize(join(dirname(path), eager ?? lazy ?? '')));
