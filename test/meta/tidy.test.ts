import { expect, test } from 'vitest';
import { textOf, treeFiles } from './tree.ts';

const BIGGEST = 200;

/** Files of more lines than that, each with the one job that it does. */
const bigger: Readonly<Record<string, string>> = {};

test('a file has one job: past 200 lines there is a reason', () => {
  const long = treeFiles('src/**/*.ts').filter((path) => textOf(path).trimEnd().split('\n').length > BIGGEST);
  expect(long.toSorted()).toEqual(Object.keys(bigger).toSorted());
});

const everything = treeFiles().filter((path) => !path.startsWith('test/meta/') && path !== 'package-lock.json');

test('no file speaks of the machine it was written on', () => {
  const local = /(?:^|[^\w.-])\/work\/|\/home\/(?!u\/)\w+\//;
  const here = `${process.cwd()}/`;
  expect(everything.filter((path) => local.test(textOf(path)) || textOf(path).includes(here))).toEqual([]);
});

test('nothing is left to do', () => {
  expect(everything.filter((path) => /\b(?:TODO|FIXME|XXX|HACK)\b/.test(textOf(path)))).toEqual([]);
});

test('no test is left out or alone', () => {
  const skipped = treeFiles('test/**/*.ts').filter((path) =>
    /\b(?:test|it|describe)\.(?:only|todo|skip)\(/.test(textOf(path)),
  );
  expect(skipped.filter((path) => !path.startsWith('test/meta/'))).toEqual([]);
});

test('TypeScript and Biome are silenced only with a reason', () => {
  const silent = treeFiles('src/**/*.ts', 'test/**/*.ts').filter((path) =>
    /@ts-(?:ignore|nocheck)|biome-ignore [\w/]+: ?$|eslint-disable/m.test(textOf(path)),
  );
  expect(silent.filter((path) => !path.startsWith('test/meta/'))).toEqual([]);
});
