import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CpaasError } from '../../src/core/errors.ts';
import { every } from '../../src/ui/output/watch.ts';
import { failures } from '../../src/ui/text/failures.ts';
import { runCpaas } from '../helpers/run-cpaas.ts';

const reason = new CpaasError('RUN.INTERRUPTED', 'interrupted by SIGINT');
const HEAD = 'apiVersion: cpaas.dev/v1alpha1\nkind: Cluster\nmetadata: { name: cut }\n';
const pressed = AbortSignal.abort(reason);

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-interrupt-'));
  file = join(folder, 'cpaas.yaml');
  const network = '{ nodes: 172.19.0.0/16, pods: 10.53.0.0/16, services: 10.43.0.0/16 }';
  writeFileSync(file, `${HEAD}spec: { provider: { existing: { kubeconfig: ${folder}/none } }, network: ${network} }\n`);
});
afterEach(() => rmSync(folder, { recursive: true }));

const cut = (line: string) => runCpaas(`${line} -f ${file} --state-dir ${folder}/state`, {}, pressed);

test('Ctrl-C while something is read is a quiet end', async () => {
  for (const verb of ['plan', 'status', 'verify', 'bgp status', 'routes show', 'graph'])
    expect({ verb, ...(await cut(verb)) }).toEqual({
      verb,
      code: 130,
      stdout: '',
      stderr: 'interrupted; nothing was changed\n',
    });
});

test('a program is told so in its document and its events', async () => {
  const { code, stdout, stderr } = await cut('plan -o json --progress json');
  expect(code).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ kind: 'Error', code: 'RUN.INTERRUPTED' });
  expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    type: 'error',
    error: { code: 'RUN.INTERRUPTED' },
  });
});

test('Ctrl-C is the normal end of watching', async () => {
  writeFileSync(file, `${HEAD}spec: { provider: { lab: {} } }\n`);
  for (const verb of ['status --watch', 'bgp status --watch'])
    expect(await cut(verb)).toMatchObject({ code: 0, stderr: '' });
});

test('a look that Ctrl-C cuts off ends watching, and one that fails by itself is told', async () => {
  const interrupt = new AbortController();
  const looks = every(
    2,
    async () => {
      interrupt.abort(reason);
      throw reason;
    },
    interrupt.signal,
  );
  expect(await looks.next()).toEqual({ done: true, value: undefined });
  const broken = every(2, async () => Promise.reject(new Error('x')), new AbortController().signal);
  await expect(broken.next()).rejects.toThrow('x');
});

test('what node throws when a signal is aborted is no bug', async () => {
  const error: unknown = await pause(1000, undefined, { signal: pressed }).catch((caught: unknown) => caught);
  expect(failures(error)).toMatchObject([{ code: 'RUN.INTERRUPTED', message: 'interrupted by SIGINT' }]);
  expect(failures(error)[0]).not.toHaveProperty('stack');
  const bare: unknown = await pause(1000, undefined, { signal: AbortSignal.abort() }).catch(
    (caught: unknown) => caught,
  );
  expect(failures(bare)).toMatchObject([{ code: 'RUN.INTERRUPTED' }]);
});
