import { chmodSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCluster } from '../../src/config/load.ts';
import { calls } from './calls.ts';
import { consoleBlocks, printedAs } from './console.ts';
import { allCommands, wrongIn } from './program.ts';
import { textOf, treeFiles } from './tree.ts';

const pages = treeFiles('*.md', 'docs/**/*.md', 'examples/*.md');
const commands = await allCommands();

describe.each(pages.filter((page) => consoleBlocks(textOf(page)).some(({ runs }) => runs)))('%s', (page) => {
  const runnable = consoleBlocks(textOf(page)).filter(({ runs }) => runs);
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cpaas-readme-'));
    symlinkSync(resolve('examples'), join(folder, 'examples'));
    const program = join(folder, 'cpaas');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${resolve('bin/cpaas.js')}' "$@"\n`);
    chmodSync(program, 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  // in their order and in one folder, as somebody who reads on would type them
  test.each(runnable.flatMap((block) => block.commands))('$typed', async ({ typed, printed }) => {
    expect(existsSync('dist/main.js'), 'the program is not built: npm run build').toBe(true);
    const env = { PATH: `${folder}:${process.env['PATH']}`, XDG_STATE_HOME: join(folder, 'state'), NO_COLOR: '1' };
    const { all, exitCode } = await execa('sh', ['-c', typed], {
      cwd: folder,
      env,
      all: true,
      reject: false,
      stdin: 'ignore',
      stripFinalNewline: false,
    });
    expect(exitCode, all).toBe(0);
    if (!printedAs(printed, all)) expect(all).toBe(`${printed.join('\n')}\n`);
  });
});

test('what the pages call is there: every command, every flag', () => {
  const wrong = pages.flatMap((page) => {
    const text = textOf(page);
    const blocks = consoleBlocks(text).flatMap((block) => block.commands.map(({ typed }) => `$ ${typed}`));
    const inline = [...text.matchAll(/`((?:sudo )?cpaas [a-z][^`\n]*)`/g)].map(([, call = '']) => call);
    return calls([...blocks, ...inline].join('\n'))
      .flatMap((call) => wrongIn(call, commands))
      .map((problem) => `${page}: ${problem}`);
  });
  expect(wrong).toEqual([]);
});

test('links of the pages lead to files that are there', () => {
  const broken = pages.flatMap((page) =>
    [...textOf(page).matchAll(/\]\(((?!https?:)[^)#]+)(?:#[^)]*)?\)/g)]
      .map(([, link = '']) => normalize(join(dirname(page), link)))
      .filter((path) => !existsSync(path))
      .map((path) => `${page}: ${path}`),
  );
  expect(broken).toEqual([]);
});

test('the cluster file in the README is valid', () => {
  const [, file = ''] = /^```yaml\n(apiVersion.*?)^```$/ms.exec(textOf('README.md')) ?? [];
  expect(parseCluster(file, 'README.md').metadata.name).toBe('site1');
});

test('the README names every verb', () => {
  const text = textOf('README.md');
  const verbs = commands.filter(({ words, command }) => words.length === 1 && command.commands.length === 0);
  const groups = commands.filter(({ words }) => words.length === 2);
  const missing = [...verbs, ...groups]
    .map(({ words }) => `cpaas ${words.join(' ')}`)
    .filter((call) => !text.includes(call));
  expect(missing).toEqual([]);
});
