import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { verbs } from '../../src/commands/index.ts';
import { platforms } from '../../src/drivers/index.ts';
import { providers } from '../../src/providers/index.ts';
import { kinds } from '../../src/steps/index.ts';
import { textOf, treeFiles } from './tree.ts';

/** Files below a folder of src that declare a member of an axis, as `host/routes`: its list must name each. */
const declaring = (folder: string, pattern: RegExp): readonly string[] =>
  treeFiles(`src/${folder}/*.ts`)
    .filter((path) => basename(path) !== 'index.ts' && pattern.test(textOf(path)))
    .map((path) => path.slice(`src/${folder}/`.length, -'.ts'.length))
    .toSorted();

/** A member with a room of its own is `lab/lab`: the file has the room's name. */
const member = (path: string): string => basename(path);

/** `host.routes` is `host/routes`. */
const fileOf = (kind: string): string => kind.replace('.', '/');

test('every kind of step is in steps/index.ts, under the name of its file', () => {
  const names = kinds.map(({ kind }) => fileOf(kind)).toSorted();
  expect(new Set(names).size).toBe(names.length);
  expect(declaring('steps', /defineStep</)).toEqual(names);
});

test('every file in steps is a step', () => {
  expect(treeFiles('src/steps/*.ts').length).toBe(kinds.length + 1);
});

test('every provider is in providers/index.ts, under the name of its file', () => {
  expect(
    declaring('providers', /: Provider = \{/)
      .map(member)
      .toSorted(),
  ).toEqual(providers.map(({ name }) => name).toSorted());
});

test('every device is in drivers/index.ts, under the name of its file', () => {
  expect(declaring('drivers', /: Platform = \{/)).toEqual(platforms.map(({ name }) => name).toSorted());
});

test('every verb is in commands/index.ts, loaded from the file of its name; a file below its room is loaded by that', async () => {
  const list = textOf('src/commands/index.ts');
  const home = (name: string): string =>
    treeFiles(`src/commands/${name}.ts`).length > 0 ? `./${name}.ts` : `./${name}/${name}.ts`;
  for (const { name, load } of verbs) expect(await load(), name).toHaveProperty('define');
  expect(verbs.filter(({ name }) => !list.includes(`import('${home(name)}')`))).toEqual([]);
  const homes = verbs.map(({ name }) => home(name).slice('./'.length, -'.ts'.length));
  const below = declaring('commands', /export const define: VerbModule\['define'\]/).filter(
    (path) => !homes.includes(path),
  );
  const adrift = below.filter((path) => {
    const [room = ''] = path.split('/');
    return !textOf(`src/commands/${room}/${room}.ts`).includes(`'./${member(path)}.ts'`);
  });
  expect(adrift).toEqual([]);
});

/** Kinds that the laws are not tried on, each with the reason. */
const lawless: Readonly<Record<string, string>> = {};

test('every kind of step is tested against the laws, or there is a reason why not', () => {
  const tests = treeFiles('test/steps/*.ts', 'test/suites/*.ts').map(textOf);
  const lawful = tests.filter((text) => /[lL]aws/.test(text)).join('\n');
  const untested = kinds.map(({ kind }) => fileOf(kind)).filter((name) => !lawful.includes(`/${name}.ts'`));
  expect(untested).toEqual(Object.keys(lawless));
});
