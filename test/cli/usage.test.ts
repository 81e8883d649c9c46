import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outputOptionsIn } from '../../src/cli/output-options.ts';
import { labLayout } from '../../src/lab/layout.ts';
import { runCpaas } from '../helpers/run-cpaas.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-usage-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The exit code and the code of the `Error` document. */
async function failing(...words: readonly string[]) {
  const { code: exit, stdout, stderr } = await runCpaas([...words, '-o', 'json', '--state-dir', join(folder, 'state')]);
  const { code, error } = JSON.parse(stdout) as { code?: string; error?: { code: string } };
  return { exit, code: code ?? error?.code, stderr };
}

function clusterFile(name: string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `apiVersion: cpaas.dev/v1alpha1\nkind: Cluster\nmetadata: { name: ${name} }\nspec: { provider: { lab: {} } }\n`,
  );
  return file;
}

describe('a name that would lead elsewhere', () => {
  const names = ['../x', '/', '', '.', 'a/b', 'A', '-a', 'a-', 'a'.repeat(33), 'a\nb'];

  test('is no lab: nothing of it is looked at', async () => {
    for (const name of names) expect(() => labLayout(name)).toThrow(expect.objectContaining({ code: 'USAGE.NAME' }));
    expect(await failing('lab', 'down', '../x')).toMatchObject({ exit: 2, code: 'USAGE.NAME' });
  });

  test('is no cluster', async () => {
    for (const name of ['../x', 'a/b', 'A'])
      expect(await failing('down', '--cluster', name)).toMatchObject({ exit: 2, code: 'USAGE.NAME' });
    expect(existsSync(join(folder, 'state'))).toBe(false);
  });
});

describe('--cluster', () => {
  test('does not fit a file about another cluster', async () => {
    const file = clusterFile('one');
    for (const verb of [['plan'], ['down'], ['kubectl', 'get'], ['lab', 'up'], ['lab', 'shell', 'vm']])
      expect(await failing(...verb, '-f', file, '--cluster', 'two')).toMatchObject({ exit: 2, code: 'USAGE.CLUSTER' });
    expect(existsSync(join(folder, 'state'))).toBe(false);
  });

  test('does not do for a command that needs the file', async () => {
    for (const verb of ['plan', 'up', 'status', 'kubectl'])
      expect(await failing(verb, '-f', join(folder, 'none.yaml'), '--cluster', 'one')).toMatchObject({
        exit: 2,
        code: 'USAGE.CLUSTER',
      });
  });

  test('of a cluster that nobody knows leaves no folder', async () => {
    for (const verb of ['down', 'runs', 'rollback', 'forget'])
      expect(await failing(verb, '--cluster', 'nosuch')).toMatchObject({ exit: 2, code: 'USAGE.CLUSTER' });
    expect(existsSync(join(folder, 'state'))).toBe(false);
  });

  test('beside the file of that cluster is the same as the file', async () => {
    mkdirSync(join(folder, 'state', 'one'), { recursive: true });
    expect(await failing('runs', '-f', clusterFile('one'), '--cluster', 'one')).toMatchObject({ exit: 0 });
  });
});

describe('a command line that is not understood', () => {
  const wrong: readonly string[][] = [['plan', '--nope'], ['nowhere'], ['bgp', 'nowhere'], ['plan', '--parallel', '0']];

  test('is an Error document for a program, in the format it asked for', async () => {
    for (const words of wrong)
      for (const format of [['-o', 'json'], ['-ojson'], ['--output=json'], ['--output', 'json']]) {
        const { code, stdout, stderr } = await runCpaas([...words, ...format]);
        expect({ code, document: JSON.parse(stdout) }).toMatchObject({
          code: 2,
          document: { kind: 'Error', code: 'USAGE.COMMAND' },
        });
        expect(stderr).toContain('error: ');
      }
    const { stdout } = await runCpaas('plan --nope -o yaml');
    expect(load(stdout)).toMatchObject({ kind: 'Error', code: 'USAGE.COMMAND', message: "unknown option '--nope'" });
  });

  test('is an event where stderr holds events, and nothing else', async () => {
    for (const words of wrong) {
      const { stdout, stderr } = await runCpaas([...words, '--progress', 'json']);
      expect(stdout).toBe('');
      expect(JSON.parse(stderr)).toMatchObject({ type: 'error', error: { code: 'USAGE.COMMAND' } });
    }
  });
});

test('any failure is an event where stderr holds events', async () => {
  const { stderr } = await runCpaas(`plan --progress=json -f ${folder}/none.yaml`);
  expect(JSON.parse(stderr)).toMatchObject({ type: 'error', error: { code: 'CONFIG.MISSING' } });
});

test('any failure is a document in the format that was asked for', async () => {
  const { stdout } = await runCpaas(`plan -oyaml -f ${folder}/none.yaml`);
  expect(load(stdout)).toMatchObject({ kind: 'Error', code: 'CONFIG.MISSING' });
});

test("what follows -- is another program's", () => {
  expect(outputOptionsIn(['kubectl', '--', 'get', 'pods', '-o', 'json'])).toMatchObject({ output: 'text' });
});

test('a state folder that cannot be one is foreseen', async () => {
  const file = clusterFile('one');
  for (const verb of ['up', 'runs', 'down']) {
    const { code, stdout } = await runCpaas(`${verb} -f ${file} -o json --state-dir /dev/null`);
    const document = JSON.parse(stdout) as { readonly code: string };
    expect({ verb, exit: code, area: document.code.split('.')[0] }).toEqual({ verb, exit: 2, area: 'STATE' });
  }
});

test.each([
  [['upp'], "unknown command 'upp'", 'up'],
  [['stauts', '-f', 'x.yaml'], "unknown command 'stauts'", 'status'],
  [['runs', 'shwo'], "unknown command 'shwo'", 'show'],
  [['bgp', 'per'], "unknown command 'per'", 'peer'],
  [['help', 'upp'], "unknown command 'upp'", 'up'],
  [['upp', '--help'], "unknown command 'upp'", 'up'],
  [['--no-color', 'upp', '-h'], "unknown command 'upp'", 'up'],
  [['help', 'bgp', 'per'], "unknown command 'per'", 'peer'],
  [['bgp', '-f', 'x.yaml', 'per', '--help'], "unknown command 'per'", 'peer'],
  [['bgp', 'per', '--router', 'x', '--help'], "unknown command 'per'", 'peer'],
])('%j is told with what was probably meant', async (words, what, meant) => {
  const { code, stdout, stderr } = await runCpaas(words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(what);
  expect(stderr).toContain(`(Did you mean ${meant}?)`);
});

test('help of a group is no word too many, whichever options are there, too', async () => {
  for (const words of [
    ['bgp', '--help'],
    ['bgp', '-f', 'x.yaml', '--help'],
    ['bgp', '--router', 'x', '--help'],
  ])
    expect(await runCpaas(words)).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage: cpaas bgp [') });
});
