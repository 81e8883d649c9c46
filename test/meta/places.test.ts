import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { LONG } from '../helpers/long-first.ts';
import { textOf, treeFiles } from './tree.ts';

/** What a file finds by where it stands itself; the compiler does not know these. `dist` is made of `src`, `.js` of `.ts`. */
const PLACES = /new URL\(\s*'([^']+)',\s*import\.meta\.url/g;
const source = (path: string): string => path.replace(/^dist\//, 'src/').replace(/\.js$/, '.ts');

test('what a file names by where it stands is there', () => {
  const named = treeFiles('src/**/*.ts', 'test/**/*.ts', 'test/**/*.js', 'bench/**/*.js').flatMap((path) =>
    [...textOf(path).matchAll(PLACES)].map(([, place = '']) => ({ path, place, at: join(dirname(path), place) })),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ at }) => !existsSync(at) && !existsSync(source(at)))).toEqual([]);
});

test('suites that are to begin first are there', () => {
  expect(LONG.filter((suite) => !existsSync(suite))).toEqual([]);
});
