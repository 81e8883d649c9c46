import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const Packed = z.array(z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) }));

let folder: string;
let files: readonly string[];
const run = (program: string, args: readonly string[], cwd: string): string =>
  execFileSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder, NO_COLOR: '1' },
  });
/** As after `npm install -g`: a link in a bin folder, called from anywhere. */
const cpaas = (...args: readonly string[]): string => run(join(folder, 'bin', 'cpaas'), args, folder);

/** The package as npm would publish it, unpacked elsewhere, with the packages it depends on and no others. */
beforeAll(() => {
  expect(existsSync('dist/main.js'), 'the program is not built: npm run build').toBe(true);
  folder = mkdtempSync(join(tmpdir(), 'cpaas-pack-'));
  const packing = run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], process.cwd());
  const [packed] = Packed.parse(JSON.parse(packing));
  files = packed?.files.map(({ path }) => path) ?? [];
  const home = join(folder, 'lib', 'node_modules', 'cpaas');
  mkdirSync(home, { recursive: true });
  run('tar', ['-xzf', join(folder, packed?.filename ?? ''), '--strip-components=1'], home);
  const needed = run('npm', ['ls', '--omit=dev', '--all', '--parseable'], process.cwd()).split('\n').filter(Boolean);
  for (const path of needed.slice(1)) {
    const name = relative(join(process.cwd(), 'node_modules'), path);
    if (name.includes('node_modules')) continue;
    mkdirSync(dirname(join(home, 'node_modules', name)), { recursive: true });
    symlinkSync(path, join(home, 'node_modules', name));
  }
  mkdirSync(join(folder, 'bin'));
  symlinkSync(join(home, 'bin', 'cpaas.js'), join(folder, 'bin', 'cpaas'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('holds the built program with its data and its pages, and nothing that only developers need', () => {
  const tops = new Set(files.map((path) => path.split('/')[0]));
  expect([...tops].sort()).toEqual([
    'LICENSE',
    'README.md',
    'bin',
    'catalog',
    'dist',
    'docs',
    'examples',
    'package.json',
    'templates',
  ]);
  expect(files.filter((path) => /\.ts$|\/\./.test(path) && !path.endsWith('.d.ts'))).toEqual([]);
});

test('runs where it was unpacked: help, a new file, its checks, its schema, its pages', () => {
  expect(cpaas('--help')).toContain('Usage: cpaas');
  expect(cpaas('init', '--name', 'site1', '--router', 'bigip1=10.10.2.20')).toContain('cpaas.yaml is written');
  expect(cpaas('validate')).toContain('cpaas.yaml is valid');
  expect(JSON.parse(cpaas('schema'))).toHaveProperty('$schema');
  expect(cpaas('explain', 'ARTIFACT.DIGEST')).toContain('its sha256 is another');
  for (const example of readdirSync('examples').filter((name) => name.endsWith('.yaml')))
    cpaas('validate', '-f', join(folder, 'lib/node_modules/cpaas/examples', example));
});

test('finds its catalog', () => {
  expect(cpaas('bundle', 'create', 'b.tar', '-o', 'json', '-f', 'cpaas.yaml')).toContain('"kind": "Bundle"');
});
