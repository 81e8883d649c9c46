import { expect, test } from 'vitest';
import { knowTheLab, layers } from './layers.ts';
import { importsOf, textOf, treeFiles } from './tree.ts';

const files = treeFiles('src/**/*.ts', 'src/*.ts');
const folderOf = (path: string): string => path.split('/')[1] ?? '';

test('every folder of src has its place in the order of folders', () => {
  expect([...new Set(files.map(folderOf))].toSorted()).toEqual(Object.keys(layers).toSorted());
});

test('the page on the architecture says of each folder what it knows', () => {
  const said = new Map<string, readonly string[]>();
  const [, tree = ''] = /\n## The tree\n([\s\S]*?)\n## /.exec(textOf('docs/architecture.md')) ?? [];
  for (const [, folders = '', known = ''] of tree.matchAll(/^\| (`.*?`) \| .* \| ([^|]*) \|$/gm)) {
    const together = [...folders.matchAll(/\w+/g)].map(([folder]) => folder);
    const others = known === 'nothing of ours' ? [] : (known.split(';')[0] ?? '').split(', ');
    said.set(together.join(), others.toSorted());
  }
  const meant = [...said.keys()].map((row) => {
    const together = row.split(',');
    const known = new Set(together.flatMap((folder) => layers[folder] ?? []));
    return [row, [...known].filter((folder) => !together.includes(folder)).toSorted()] as const;
  });
  expect([...said]).toEqual(meant);
  const shown = [...said.keys()].flatMap((row) => row.split(','));
  expect([...shown, 'main.ts'].toSorted()).toEqual(Object.keys(layers).toSorted());
});

test('the order has no circle', () => {
  const above = (folder: string, way: readonly string[]): readonly string[] =>
    way.includes(folder)
      ? [[...way, folder].join(' > ')]
      : (layers[folder] ?? []).flatMap((next) => above(next, [...way, folder]));
  expect(Object.keys(layers).flatMap((folder) => above(folder, []))).toEqual([]);
});

test('imports point from commands down to core, and nobody but its own step, provider and commands knows the lab', () => {
  const wrong = files.flatMap((path) =>
    importsOf(path)
      .filter((target) => !mayImport(path, target))
      .map((target) => `${path} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('only what an import names is there', () => {
  const known = new Set(files);
  const missing = files.flatMap((path) => importsOf(path).filter((target) => !known.has(target)));
  expect(missing).toEqual([]);
});

test('no two files name each other, over however many others, late and as types neither', () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const follow = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' > '));
    if (way.includes(path) || done.has(path)) return;
    for (const target of importsOf(path)) follow(target, [...way, path]);
    done.add(path);
  };
  for (const path of files) follow(path, []);
  expect(circles).toEqual([]);
});

test('core does no I/O', () => {
  const modules = files
    .filter((path) => folderOf(path) === 'core')
    .flatMap((path) => [...textOf(path).matchAll(/from '((?!\.)[^']+)'/g)].map(([, name = '']) => name));
  // a stream is named as a type of a port
  expect([...new Set(modules)].toSorted()).toEqual(['node:stream', 'node:util', 'zod']);
  const asking = files.filter((path) => folderOf(path) === 'core' && /\bprocess\./.test(textOf(path)));
  expect(asking).toEqual([]);
});

test('no step knows that it runs in a lab', () => {
  const steps = files.filter((path) => folderOf(path) === 'steps' && !knowTheLab.some((rule) => rule.test(path)));
  const words = /netns|\/run\/cpaas|provider\.lab|birdcl?6? /;
  expect(steps.filter((path) => words.test(textOf(path)))).toEqual([]);
});

function mayImport(path: string, target: string): boolean {
  const [from, to] = [folderOf(path), folderOf(target)];
  if (from === to) return true;
  if (to === 'lab') return knowTheLab.some((rule) => rule.test(path));
  return layers[from]?.includes(to) ?? false;
}
