import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { dump, load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunDocument, StatusDocument, VerifyDocument } from '../../src/core/documents.ts';
import { labLayout } from '../../src/lab/layout.ts';
import { expectWhole, Workspace } from '../helpers/cpaas.ts';
import { bareLab, type Dump, expectDump } from '../helpers/dumps.ts';
import { expectApplied, expectUnchanged } from '../helpers/outcomes.ts';

const LAB = 'suite-existing';
/** Somebody else's cluster and units: nothing here is told that they are a lab. */
const lab = new Workspace('lab-flat.yaml', LAB);
const { bin, kubeconfig } = labLayout(LAB);
const main = fileURLToPath(new URL('../../bin/cpaas.js', import.meta.url));
const file = join(lab.folder, 'existing.yaml');

let bare: Dump;
beforeAll(async () => {
  const example = readFileSync(new URL('../../examples/existing-pair.yaml', import.meta.url), 'utf8');
  const cluster = load(example) as { spec: { provider: { existing: { kubeconfig: string } } } };
  cluster.spec.provider.existing.kubeconfig = kubeconfig;
  writeFileSync(file, dump(cluster));
  bare = await bareLab(lab);
});
afterAll(() => lab.remove());

/** Called on one of the nodes, where the API and the units are reached as they are: by their addresses and over SSH. */
async function call<T>(...words: readonly string[]) {
  const state = ['--state-dir', join(lab.folder, 'mine'), '-f', file, '--accept-new-host-keys', '-o', 'json'];
  const argv = ['netns', 'exec', `${LAB}-server-0`, process.execPath, main, ...words, ...state];
  const env = { BIGIP1_PASSWORD: 'default', BIGIP2_PASSWORD: 'default', PATH: `${bin}:${process.env['PATH']}` };
  const { exitCode = -1, stdout, stderr } = await execa('ip', argv, { reject: false, stdin: 'ignore', env });
  if (!stdout.startsWith('{')) throw new Error(`no document from ${words.join(' ')}:\n${stderr}`);
  return { code: exitCode, stderr, ...(JSON.parse(stdout) as T) };
}
const up = () => call<RunDocument>('up');

describe.sequential('a cluster that somebody else made, and a pair of units', () => {
  test('are joined by the example file, and proven', async () => {
    expectApplied(await up());
    const report = await call<VerifyDocument>('verify');
    expect(report.code).toBe(0);
    expectWhole(report);
  });

  test('a second up changes nothing; status counts nodes and sessions', async () => {
    expectUnchanged(await up());
    const status = await call<StatusDocument>('status');
    expect(status).toMatchObject({ code: 0, healthy: true });
    expect(status.nodes.map(({ name }) => name).sort()).toEqual(['agent-0', 'server-0']);
    expect(status.sessions).toHaveLength(4);
  });

  test('what is taken away at either end is found and mended', async () => {
    await lab.unit(
      'bigip2',
      'printf "enable\\nconfigure terminal\\nrouter bgp 64512\\nno neighbor 10.1.20.21\\nend\\n" | imish',
    );
    await lab.run('kubectl', '--', 'delete', 'bgppeers.crd.projectcalico.org', 'bigip1');
    expect(await call<StatusDocument>('status')).toMatchObject({ code: 5 });
    expectApplied(await up());
    expectUnchanged(await up());
  });

  test('down gives both ends back as they were', async () => {
    expectApplied(await call<RunDocument>('down', '--confirm', 'existing-pair'));
    await expectDump(lab, bare);
  });
});
