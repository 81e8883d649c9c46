import { expect, test } from 'vitest';
import { textOf, treeFiles } from './tree.ts';

const page = textOf('docs/security.md');
/** `test/x.test.ts`: what it is called, up to the next one or the end of the cell. */
const named = [...page.matchAll(/`(test\/[\w./-]+)`: (.+?)(?= · `test\/| \|$)/gm)].map(([, path = '', title = '']) => ({
  path,
  title,
}));

test('every test that docs/security.md names exists', () => {
  expect(named.length).toBeGreaterThan(25);
  // quotes as the source has to write them
  const plain = (text: string): string => text.replace(/[’\\]/g, (sign) => (sign === '’' ? "'" : ''));
  expect(named.filter(({ path, title }) => !plain(textOf(path)).includes(plain(title)))).toEqual([]);
});

test('every point of docs/security.md has a test', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| threat'));
  expect(rows.filter((row) => !row.includes('`test/'))).toEqual([]);
});

const sources = treeFiles('src/**/*.ts');

test('no shell is given a text with values in it', () => {
  const shells = sources.filter((path) =>
    /'(?:-c|-lc)',\s*`[^`]*\$\{|shell: true|\bexecSync\(|\bexeca?Command/.test(textOf(path)),
  );
  expect(shells).toEqual([
    // what a plan prints in the place of a script, which is a constant
    'src/routers/bigip/change/revert.ts',
    // the user's own ProxyCommand, which OpenSSH hands to a shell too, its tokens filled in as there
    'src/transport/ssh/config.ts',
  ]);
});

test('nothing is written to a fixed place that everybody may write to', () => {
  const places = sources.filter((path) => /['"`]\/(?:var\/)?tmp\/|tmpdir\(\)/.test(textOf(path)));
  // the unit's own folder of a revert, which is looked at before it is believed
  expect(places).toEqual(['src/routers/bigip/change/guard.ts']);
});
