import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { verbs } from '../../src/commands/index.ts';
import { platforms } from '../../src/drivers/index.ts';
import { providers } from '../../src/providers/index.ts';
import { kinds } from '../../src/steps/index.ts';
import { textOf, treeFiles } from './tree.ts';

/** Files of a folder of src that declare a member of an axis: its list must name each. */
const declaring = (folder: string, pattern: RegExp): readonly string[] =>
  treeFiles(`src/${folder}/*.ts`)
    .filter((path) => basename(path) !== 'index.ts' && pattern.test(textOf(path)))
    .map((path) => basename(path, '.ts'))
    .toSorted();

test('every kind of step is in steps/index.ts, under the name of its file', () => {
  const names = kinds.map(({ kind }) => kind.replace('.', '-')).toSorted();
  expect(new Set(names).size).toBe(names.length);
  expect(declaring('steps', /defineStep</)).toEqual(names);
});

test('every file in steps is a step', () => {
  expect(treeFiles('src/steps/*.ts').length).toBe(kinds.length + 1);
});

test('every provider is in providers/index.ts, under the name of its file', () => {
  expect(declaring('providers', /: Provider = \{/)).toEqual(providers.map(({ name }) => name).toSorted());
});

test('every device is in drivers/index.ts, under the name of its file', () => {
  expect(declaring('drivers', /: Platform = \{/)).toEqual(platforms.map(({ name }) => name).toSorted());
});

test('every verb is in commands/index.ts, loaded from the file of its name; subcommands that have a file are in their group', async () => {
  const names = verbs.map(({ name }) => name);
  const below = declaring('commands', /export const define: VerbModule\['define'\]/).filter(
    (name) => !names.includes(name),
  );
  const adrift = below.filter((name) => !textOf(`src/commands/${name.split('-')[0]}.ts`).includes(`'./${name}.ts'`));
  expect(adrift).toEqual([]);
  for (const { name, load } of verbs) expect(await load(), name).toHaveProperty('define');
  const list = textOf('src/commands/index.ts');
  expect(verbs.filter(({ name }) => !list.includes(`import('./${name}.ts')`))).toEqual([]);
});

/** Kinds that the laws are not tried on, each with the reason. */
const lawless: Readonly<Record<string, string>> = {};

test('every kind of step is tested against the laws, or there is a reason why not', () => {
  const tests = treeFiles('test/steps/*.ts', 'test/suites/*.ts').map(textOf);
  const lawful = tests.filter((text) => /[lL]aws/.test(text)).join('\n');
  const untested = kinds.map(({ kind }) => kind.replace('.', '-')).filter((name) => !lawful.includes(`/${name}.ts'`));
  expect(untested).toEqual(Object.keys(lawless));
});
