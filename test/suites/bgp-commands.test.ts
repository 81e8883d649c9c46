import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BgpDiffDocument, BgpRoutesDocument, BgpStatusDocument } from '../../src/core/bgp-documents.ts';
import type { RunDocument } from '../../src/core/documents.ts';
import { labLayout } from '../../src/lab/layout.ts';
import { Workspace } from '../helpers/cpaas.ts';
import { bareLab, type Dump, expectDone, expectDump } from '../helpers/dumps.ts';

const LAB = 'suite-bgp-commands';
const lab = new Workspace('lab-flat.yaml', LAB);
const UNITS = { bigip1: '10.1.20.11', bigip2: '10.1.20.12' };
const NODES = ['10.1.20.20', '10.1.20.21'];
const { bin, kubeconfig } = labLayout(LAB);

let bare: Dump;
beforeAll(async () => {
  bare = await bareLab(lab);
});
afterAll(() => lab.remove());

/** The remote router ID of each neighbor, as the article reads it at a unit. */
async function routerIds(router: keyof typeof UNITS): Promise<Readonly<Record<string, string>>> {
  const shown = await lab.unit(router, 'imish -e "show ip bgp neighbors"');
  const blocks = shown.split(/^(?=BGP neighbor is )/m).filter((block) => block.startsWith('BGP neighbor is '));
  return Object.fromEntries(
    blocks.map((block) => [
      /is ([\d.]+),/.exec(block)?.[1],
      /remote router ID ([\d.]+)/.exec(block)?.[1] ?? 'not shown',
    ]),
  );
}

/** What is so as soon as the other end has answered. */
const soon = (look: () => Promise<unknown>) => expect.poll(look, { timeout: 60_000, interval: 500 });

/** `cpaas bgp …` in the network of the nodes, as a network engineer has it: no cluster file, passwords in the environment. */
async function engineer(...words: readonly string[]) {
  const main = fileURLToPath(new URL('../../bin/cpaas.js', import.meta.url));
  const state = ['--state-dir', join(lab.folder, 'engineer'), '--accept-new-host-keys', '-o', 'json'];
  const { exitCode, stdout, stderr } = await execa(
    'ip',
    ['netns', 'exec', `${LAB}-server-0`, process.execPath, main, 'bgp', ...words, ...state],
    {
      reject: false,
      cwd: lab.folder,
      stdin: 'ignore',
      env: { UNIT_PASSWORD: 'default', PATH: `${bin}:${process.env['PATH']}`, CPAAS_FILE: '/nowhere.yaml' },
    },
  );
  if (!stdout.startsWith('{')) throw new Error(`no document from bgp ${words.join(' ')}:\n${stderr}`);
  return { code: exitCode, stderr, ...JSON.parse(stdout) };
}
const BOTH = [
  ...Object.values(UNITS).flatMap((address) => ['--router', `ssh://root@${address}`]),
  '--password-env',
  'UNIT_PASSWORD',
];
const CLUSTER = ['--from-kubeconfig', kubeconfig];

describe.sequential('the article about a pair, with its file', () => {
  test('the units alone: each has the router ID of the other, and none of a node yet', async () => {
    expectDone(await lab.document<RunDocument>('bgp', 'peer', '--no-cluster'));
    await soon(() => routerIds('bigip1')).toEqual({
      '10.1.20.20': '0.0.0.0',
      '10.1.20.21': '0.0.0.0',
      '10.1.20.12': '10.1.20.12',
    });
    await soon(() => routerIds('bigip2')).toEqual({
      '10.1.20.20': '0.0.0.0',
      '10.1.20.21': '0.0.0.0',
      '10.1.20.11': '10.1.20.11',
    });
    const { code, sessions } = await lab.document<BgpStatusDocument>('bgp', 'status');
    expect(code).toBe(5);
    expect(sessions.map(({ node, router, up, why }) => [router, node, why ?? up])).toEqual([
      ['bigip1', 'agent-0', 'the cluster has no BGPPeer for 10.1.20.11'],
      ['bigip1', 'server-0', 'the cluster has no BGPPeer for 10.1.20.11'],
      ['bigip1', 'bigip2', true],
      ['bigip2', 'agent-0', 'the cluster has no BGPPeer for 10.1.20.12'],
      ['bigip2', 'server-0', 'the cluster has no BGPPeer for 10.1.20.12'],
    ]);
  });

  test("then the cluster's side: every node has a router ID", async () => {
    expectDone(await lab.document<RunDocument>('bgp', 'peer'));
    for (const router of ['bigip1', 'bigip2'] as const)
      expect(await routerIds(router)).toMatchObject(Object.fromEntries(NODES.map((address) => [address, address])));
    expectDone(await lab.document<RunDocument>('bgp', 'peer'), 'unchanged');
    expect(await lab.run('bgp', 'diff')).toMatchObject({ code: 0 });
  });

  test('unpeer gives back what both ends had', async () => {
    expectDone(await lab.document<RunDocument>('bgp', 'unpeer', '--confirm', LAB));
    await expectDump(lab, bare);
  });
});

describe.sequential('a network engineer without a file', () => {
  test('makes both ends from a kubeconfig; a second call changes nothing', async () => {
    const plan = await engineer('peer', ...BOTH, ...CLUSTER, '--dry-run');
    expect(plan).toMatchObject({ code: 0, kind: 'Plan', summary: { conflict: 0 } });
    expect(JSON.stringify(plan)).toContain('neighbor 10.1.20.21 peer-group calico-k8s');
    await expectDump(lab, bare);
    expectDone(await engineer('peer', ...BOTH, ...CLUSTER));
    expectDone(await engineer('peer', ...BOTH, ...CLUSTER), 'unchanged');
  });

  test('sees every session from both ends with the kubeconfig, from one without it', async () => {
    const both = await engineer('status', ...BOTH, ...CLUSTER, '--wait');
    expect(both.code).toBe(0);
    expect((both as BgpStatusDocument).sessions.map(({ agree }) => agree)).toEqual([true, true, true, true]);
    const one = await engineer('status', ...BOTH);
    expect(one.code).toBe(0);
    expect((one as BgpStatusDocument).sessions.map(({ atNode, up }) => [atNode.state, up])).toEqual(
      Array.from({ length: 4 }, () => ['unknown', true]),
    );
  });

  test('sees every block with its owner, and through what it is reached', async () => {
    const { code, blocks } = (await engineer('routes', ...BOTH, ...CLUSTER)) as BgpRoutesDocument & { code: number };
    expect(code).toBe(0);
    expect(blocks).toHaveLength(4);
    for (const { owner, nextHop, stale, borrowed, installed } of blocks) {
      expect({ nextHop, stale, borrowed }).toEqual({ nextHop: owner, stale: false, borrowed: false });
      expect(installed).toMatchObject({ nextHop: owner, through: { prefix: '10.1.20.0/24', code: 'C' } });
    }
  });

  test('adds the pair by hand, and sees what an operator has changed since and not saved', async () => {
    const pair = ['--as', '64512', '--neighbors', Object.values(UNITS).join()];
    expectDone(await engineer('peer', ...BOTH, ...pair));
    await soon(() => routerIds('bigip1')).toMatchObject({ '10.1.20.12': '10.1.20.12', '10.1.20.21': '10.1.20.21' });
    await lab.unit(
      'bigip1',
      "printf 'enable\\nconfigure terminal\\nrouter bgp 64512\\nno neighbor 10.1.20.12 peer-group calico-k8s\\ntimers bgp 10 30\\nend\\n' | imish",
    );
    const { code, routers } = (await engineer('diff', ...BOTH, ...pair)) as BgpDiffDocument & { code: number };
    expect(code).toBe(5);
    const lines = ['neighbor 10.1.20.12 peer-group calico-k8s', 'neighbor 10.1.20.12 description cpaas:adhoc'];
    expect(routers).toMatchObject([
      {
        router: '10.1.20.11',
        wanted: [{ context: 'router bgp', removed: [], added: lines }],
        unsaved: [{ context: 'router bgp', removed: lines, added: ['timers bgp 10 30'] }],
      },
      { router: '10.1.20.12', wanted: [], unsaved: [] },
    ]);
    await lab.unit(
      'bigip1',
      "printf 'enable\\nconfigure terminal\\nrouter bgp 64512\\nno timers bgp 10 30\\nend\\n' | imish",
    );
  });

  test('takes a part away, then one unit with its BGPPeer, then the rest', async () => {
    expectDone(await engineer('unpeer', ...BOTH, '--neighbors', '10.1.20.21', '-y'));
    expect(Object.keys(await routerIds('bigip2'))).not.toContain('10.1.20.21');
    expect(Object.keys(await routerIds('bigip2'))).toContain('10.1.20.20');
    expectDone(await engineer('unpeer', ...BOTH.slice(2), '--confirm', 'adhoc'));
    const peers = await lab.run('kubectl', '--', 'get', 'bgppeers.crd.projectcalico.org', '-o', 'name');
    expect(peers.stdout.trim()).toBe('bgppeer.crd.projectcalico.org/bigip-10-1-20-11');
    expectDone(await engineer('unpeer', ...BOTH, '--confirm', 'adhoc'));
    await expectDump(lab, bare);
  });
});
