import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import type { ErrorSummary } from '../../src/core/documents.ts';
import { runCpaas } from '../helpers/run-cpaas.ts';

const bin = fileURLToPath(new URL('../../bin/cpaas.js', import.meta.url));
const fixtures = fileURLToPath(new URL('../fixtures/clusters/bad/', import.meta.url));
const files = readdirSync(fixtures);

const folder = mkdtempSync(join(tmpdir(), 'cpaas-bad-'));
const state = join(folder, 'state');
afterAll(() => rmSync(folder, { recursive: true }));

async function cpaas(file: string, ...args: readonly string[]) {
  const words = [bin, ...args, '-f', join(fixtures, file), '--state-dir', state];
  const { exitCode, stdout, stderr } = await execa(process.execPath, words, { reject: false, env: { NO_COLOR: '1' } });
  return { code: exitCode, stdout, stderr };
}

/** `line:column: path: message`, as each file says at its end of itself. */
const expected = (file: string): readonly string[] =>
  [...readFileSync(join(fixtures, file), 'utf8').matchAll(/^# expect: (.*)$/gm)].map(([, problem = '']) => problem);

interface Validation {
  readonly valid: boolean;
  readonly problems: readonly { line: number; column: number; path: string; message: string }[];
}

test('there are at least twenty of them', () => {
  expect(files.length).toBeGreaterThanOrEqual(20);
});

describe.each(files)('%s', (file) => {
  test('validate tells every problem with its position', async () => {
    const { code, stdout } = await runCpaas(['validate', '-f', join(fixtures, file), '-o', 'json']);
    const { valid, problems } = JSON.parse(stdout) as Validation;
    expect({ code, valid }).toEqual({ code: 2, valid: false });
    const told = problems.map(({ line, column, path, message }) =>
      [`${line}:${column}`, path, message].filter(Boolean).join(': '),
    );
    expect(told).toEqual(expected(file));
  });

  test('up tells the same, sends nothing anywhere and keeps no state', async () => {
    const at = join(fixtures, file);
    const words = ['up', '-f', at, '--state-dir', state, '-o', 'json', '--progress', 'json'];
    const { code, stdout, stderr } = await runCpaas(words);
    const error = JSON.parse(stdout) as ErrorSummary;
    expect({ code, error: error.code }).toEqual({ code: 2, error: 'CONFIG.INVALID' });
    expect(error.evidence?.map(({ label, text }) => `${label}: ${text}`)).toEqual(
      expected(file).map((problem) => `${at}:${problem}`),
    );
    const events = stderr
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(events).toEqual(['error']);
    expect(existsSync(state)).toBe(false);
  });
});

test('people read file:line:column, which editors know how to follow', async () => {
  const first = expected('routers.yaml')[0]?.split(' ')[0] ?? '';
  const validate = await cpaas('routers.yaml', 'validate');
  expect(validate.stdout).toContain(`${join(fixtures, 'routers.yaml')}:${first}`);
  const up = await cpaas('routers.yaml', 'up');
  expect(up.stderr).toContain(`${join(fixtures, 'routers.yaml')}:${first.replace(/:$/, '')}`);
  expect(up.stdout).toBe('');
});
