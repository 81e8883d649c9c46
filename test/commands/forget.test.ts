import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCpaas } from '../helpers/run-cpaas.ts';

let folder: string;
let state: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-forget-'));
  state = join(folder, 'dead');
  mkdirSync(state);
  const about = { v: 1, run: 'r', at: '2026-01-01T00:00:00.000Z' };
  const lines = [
    { ...about, type: 'run', command: 'up', user: 'u', machine: 'm' },
    ...['local', 'ssh://root@10.10.2.29'].flatMap((host) => {
      const step = `host.routes:${host}/10.53.0.0/16`;
      const phase = { name: 'Host routes', rank: 9 };
      const intent = { ...about, type: 'intent', step, kind: 'host.routes', place: PLACE(host), host, phase };
      return [
        { ...intent, elements: [{ key: '10.53.0.0/26', to: { via: '127.0.0.1', protocol: '1' } }] },
        { ...about, type: 'settled', step, keys: ['10.53.0.0/26'] },
      ];
    }),
    { ...about, type: 'ended', outcome: 'applied' },
  ];
  for (const line of lines) appendFileSync(join(state, 'journal.ndjson'), `${JSON.stringify(line)}\n`);
});
afterEach(() => rmSync(folder, { recursive: true }));

const PLACE = (host: string) => ({ host, cluster: 'dead', range: '10.53.0.0/16' });
const cpaas = (line: string) => runCpaas(`${line} --cluster dead --state-dir ${folder} --progress none`);
const record = () => JSON.parse(readFileSync(join(state, 'cluster.json'), 'utf8'));
const remember = () =>
  writeFileSync(
    join(state, 'cluster.json'),
    JSON.stringify({
      v: 1,
      cluster: 'dead',
      identity: 'uid-1',
      hosts: { local: { name: 'here', reach: { via: 'local' } } },
      units: { local: 'here', 'ssh://root@10.10.2.29': 'key' },
    }),
  );

test('forgetting everything forgets whose state it was', async () => {
  remember();
  expect(await cpaas('forget --all')).toMatchObject({ code: 0 });
  expect(record()).toEqual({ v: 1, cluster: 'dead', hosts: {}, units: {} });
});

test('forgetting one host forgets what made it itself, and nothing of the others', async () => {
  remember();
  expect(await cpaas('forget ssh://root@10.10.2.29')).toMatchObject({ code: 0 });
  expect(record()).toMatchObject({ identity: 'uid-1', hosts: { local: {} }, units: { local: 'here' } });
  expect(Object.keys(record().units)).toEqual(['local']);
});

test('what is held on a host that nobody knows any more is foreseen, and can be forgotten', async () => {
  const down = await cpaas('down -y --confirm dead -o json');
  expect(down.code).toBe(2);
  expect(JSON.parse(down.stdout).error.message).toContain('ssh://root@10.10.2.29');
  expect(JSON.parse(down.stdout).error.code).toBe('HOST.UNKNOWN');
  expect((await cpaas('rollback -y --confirm dead -o json')).code).toBe(2);
  expect(await cpaas('forget --all')).toMatchObject({ code: 0 });
  expect((await cpaas('down')).code).toBe(0);
});
