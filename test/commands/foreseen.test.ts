import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from '../../src/state/lock.ts';
import { runCpaas } from '../helpers/run-cpaas.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-commands-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs with a state folder of its own and gives the `Error` or `Run` document's error with the exit code. */
async function failing(
  line: string,
): Promise<{ readonly exit: number; readonly code: string; readonly stdout: string }> {
  const { code: exit, stdout } = await runCpaas(`${line} -o json --state-dir ${join(folder, 'state')}`);
  const document = JSON.parse(stdout) as { readonly code?: string; readonly error?: { readonly code: string } };
  return { exit, code: document.code ?? document.error?.code ?? '', stdout };
}

/** A command line with the state folder of this test. */
const at = (line: string): string => `${line} --state-dir ${join(folder, 'state')}`;

/** A cluster file with a provider; nothing of it is ever contacted here. */
function clusterFile(provider: string, routers = '[]', network = '{}'): string {
  const file = join(folder, 'cpaas.yaml');
  const head = 'apiVersion: cpaas.dev/v1alpha1\nkind: Cluster\nmetadata: { name: foreseen }\n';
  writeFileSync(file, `${head}spec:\n  provider: { ${provider} }\n  network: ${network}\n  routers: ${routers}\n`);
  return file;
}

function stateFile(name: string, text: string): string {
  const path = join(folder, 'state', 'foreseen', name);
  mkdirSync(join(folder, 'state', 'foreseen'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

test('init leaves a file that is there, unless it is told to overwrite it', async () => {
  const file = clusterFile('lab: {}');
  const before = readFileSync(file, 'utf8');
  expect(await failing(`init -f ${file}`)).toMatchObject({ exit: 2, code: 'INIT.EXISTS' });
  expect(readFileSync(file, 'utf8')).toBe(before);
  expect((await runCpaas(`init -f ${file} --force`)).code).toBe(0);
  expect(readFileSync(file, 'utf8')).not.toBe(before);
});

test('no file, no cluster: the ways to get one are told', async () => {
  expect(await failing(`plan -f ${folder}/none.yaml`)).toMatchObject({ exit: 2, code: 'CONFIG.MISSING' });
  const { stderr } = await runCpaas(`plan -f ${folder}/none.yaml`);
  expect(stderr).toContain('cpaas init');
});

test('machines that are no lab are not started as one', async () => {
  const ssh = '{ host: 10.10.2.20, password: { env: NONE } }';
  const router = `[{ name: bigip1, address: 10.10.2.20, bigip: { ssh: ${ssh} } }]`;
  const hosts = '[{ name: cp1, role: control-plane, address: 10.1.20.20, ssh: { host: 10.1.20.20 } }]';
  const file = clusterFile(`kubeadm: { hosts: ${hosts} }`, router, '{ nodes: 10.1.20.0/24 }');
  expect(await failing(`lab up -f ${file}`)).toMatchObject({ exit: 2, code: 'LAB.PROVIDER' });
});

test('an error code that does not exist is told with where to find those that do', async () => {
  expect(await failing('explain BGP.NOWHERE')).toMatchObject({ exit: 2, code: 'USAGE.CODE' });
  expect((await runCpaas('explain BGP.REFUSD')).stderr).toContain('→ cpaas explain BGP.REFUSED   may be meant');
  expect((await runCpaas('explain lock')).stderr).toMatch(/codes +LOCK\.HELD/);
  expect((await runCpaas('explain bgp.refused')).stdout).toMatch(/^BGP\.REFUSED\n\nThe unit refused a line/);
});

test('a part that the plan does not have is refused before anything is looked at', async () => {
  const file = clusterFile('lab: {}');
  expect(await failing(`up -f ${file} --only nowhere`)).toMatchObject({ exit: 2, code: 'USAGE.ONLY' });
});

test('forget wants a place that the journal knows', async () => {
  const known = { v: 1, cluster: 'foreseen', hosts: {}, units: {} };
  stateFile('cluster.json', JSON.stringify(known));
  expect(await failing('forget --cluster foreseen')).toMatchObject({ exit: 2, code: 'USAGE.PLACE' });
  expect(await failing('forget bigip9 --cluster foreseen')).toMatchObject({ exit: 2, code: 'USAGE.PLACE' });
});

test('there is nothing to roll back where nothing was done', async () => {
  stateFile('journal.ndjson', '');
  expect(await failing('rollback --cluster foreseen')).toMatchObject({ exit: 2, code: 'ROLLBACK.NO_RUN' });
});

test('a journal that somebody damaged is refused at its line', async () => {
  const path = stateFile(
    'journal.ndjson',
    '{"v":1,"type":"closed","run":"r","at":"t","step":"s"}\nnot a line of ours\n',
  );
  const { exit, code, stdout } = await failing('runs --cluster foreseen');
  expect({ exit, code }).toEqual({ exit: 2, code: 'JOURNAL.CORRUPT' });
  expect(stdout).toContain(`${path}:2`);
  const mended = await runCpaas(at('runs mend --cluster foreseen'));
  expect(mended).toMatchObject({ code: 0, stdout: expect.stringContaining('1 line of the journal set aside: 2') });
  expect((await runCpaas(at('runs --cluster foreseen'))).code).toBe(0);
});

test('a journal of another version of cpaas is refused, not misread', async () => {
  const place = '"step":"x.y:1","kind":"x.y","place":{},"host":"local","phase":{"name":"X","rank":1}';
  const about = '"v":1,"run":"r","at":"t"';
  const lines = [
    `{${about},"type":"run","command":"up","user":"u","machine":"m"}`,
    `{${about},"type":"intent",${place},"elements":[{"key":"k","to":1}]}`,
  ];
  stateFile('journal.ndjson', `${lines.join('\n')}\n`);
  expect(await failing('down --cluster foreseen -y')).toMatchObject({ exit: 2, code: 'JOURNAL.UNKNOWN_KIND' });
  expect((await runCpaas(at('runs --cluster foreseen'))).stdout).toContain('cut off');
  expect((await runCpaas(at('runs show --cluster foreseen'))).stdout).toContain('+ k: 1   not read back');
  const later = `{"v":2,"run":"r","at":"t","type":"run","command":"up","user":"u","machine":"m"}\n`;
  stateFile('journal.ndjson', later);
  expect(await failing('down --cluster foreseen -y')).toMatchObject({ exit: 2, code: 'JOURNAL.NEWER' });
  expect(await failing('forget --cluster foreseen --all')).toMatchObject({ exit: 2, code: 'JOURNAL.NEWER' });
  expect(await runCpaas(at('runs --cluster foreseen'))).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('a later cpaas has written'),
  });
});

test('a record that somebody damaged is refused, and how to get a new one is told', async () => {
  stateFile('cluster.json', '{}');
  expect(await failing('runs --cluster foreseen')).toMatchObject({ exit: 2, code: 'STATE.CORRUPT' });
});

test('one run at a time: the other one is named, and reading needs no lock', async () => {
  const file = clusterFile('lab: {}');
  const release = takeLock(join(folder, 'state', 'foreseen', 'lock'), 'up');
  try {
    const { exit, code, stdout } = await failing(`down --cluster foreseen`);
    expect({ exit, code }).toEqual({ exit: 2, code: 'LOCK.HELD' });
    expect(stdout).toContain(`${process.pid}`);
    expect((await runCpaas(`runs -f ${file} --state-dir ${join(folder, 'state')}`)).code).toBe(0);
  } finally {
    release();
  }
  expect((await failing('down --cluster foreseen')).exit).toBe(0);
});
