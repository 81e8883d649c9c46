import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileJournal } from '../../src/state/journal.ts';
import { takeLock } from '../../src/state/lock.ts';
import { clusterPaths } from '../../src/state/paths.ts';
import { saveRecord } from '../../src/state/record.ts';
import { remember } from '../../src/transport/ssh/known-hosts.ts';
import { logFileListener } from '../../src/ui/progress/log-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpaas-modes-'));
let umask: number;
beforeAll(() => {
  // whoever lets others read everything by default does not mean this
  umask = process.umask(0);
});
afterAll(() => {
  process.umask(umask);
  rmSync(folder, { recursive: true });
});

test('everything of the state is its owner’s alone, whatever the umask', async () => {
  const paths = clusterPaths(join(folder, 'state'), 'site1');
  const release = takeLock(paths.lock, 'up');
  const journal = fileJournal(paths.journal);
  journal.begin({ run: 'r1', command: 'up', user: 'u', machine: 'm' });
  journal.release('s', ['k']);
  saveRecord(paths.record, { v: 1, cluster: 'site1', hosts: {}, units: {} });
  await remember(paths.knownHosts, 'bigip1', Buffer.from('\0\0\0\u0003rsa'));
  const log = logFileListener({ path: paths.log('r1'), redact: (text) => text });
  log({ type: 'warning', text: 'x' });
  await log.close();
  const modes = Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => {
      const { mode } = statSync(join(folder, path));
      return [path, (mode & 0o777).toString(8)];
    }),
  );
  release();
  expect(modes).toEqual({
    state: '700',
    'state/site1': '700',
    'state/site1/lock': '600',
    'state/site1/journal.ndjson': '600',
    'state/site1/cluster.json': '600',
    'state/site1/known_hosts': '600',
    'state/site1/runs': '700',
    'state/site1/runs/r1.log': '600',
  });
});
