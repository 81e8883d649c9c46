import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadCluster } from '../../src/config/load.ts';
import { clusterPaths } from '../../src/state/paths.ts';
import { saveRecord } from '../../src/state/record.ts';
import { runCpaas } from '../helpers/run-cpaas.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpaas-remembered-'));
afterAll(() => rmSync(folder, { recursive: true }));

const show = (cluster: string) =>
  runCpaas(`routes show --cluster ${cluster} -f ${folder}/none.yaml --state-dir ${folder} -o json`);

test('a cluster whose file is gone is known by the file that its last up had', async () => {
  const file = await loadCluster('examples/lab-flat.yaml');
  saveRecord(clusterPaths(folder, 'lab-flat').record, { v: 1, cluster: 'lab-flat', hosts: {}, units: {}, file });
  const { code, stdout } = await show('lab-flat');
  expect({ code, kind: JSON.parse(stdout).kind }).toEqual({ code: 0, kind: 'RouteTable' });
});

test('where none was kept, the file is asked for', async () => {
  saveRecord(clusterPaths(folder, 'site1').record, { v: 1, cluster: 'site1', hosts: {}, units: {} });
  const { code, stdout } = await show('site1');
  expect({ code, error: JSON.parse(stdout).code }).toEqual({ code: 2, error: 'USAGE.CLUSTER' });
});

test('a file that was kept is checked like any other', async () => {
  saveRecord(clusterPaths(folder, 'bad').record, {
    v: 1,
    cluster: 'bad',
    hosts: {},
    units: {},
    file: { kind: 'Cluster' },
  });
  const { code, stdout } = await show('bad');
  expect({ code, error: JSON.parse(stdout).code }).toEqual({ code: 2, error: 'CONFIG.INVALID' });
});
