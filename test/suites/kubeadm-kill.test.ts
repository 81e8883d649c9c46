import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { dump, load } from 'js-yaml';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Boundary } from '../helpers/boundaries.ts';
import { Power } from '../helpers/fake-host.ts';
import { FakeCluster, FakeKubeadmHost } from '../helpers/fake-kubeadm.ts';
import { type SimulatedHosts, simulateHosts } from '../helpers/simulated-hosts.js';

// Init and join over SSH, to machines on which a fake kubeadm does and refuses what the real one does, from a process that is killed with
// SIGKILL at each boundary, or whose connections are cut there. What was sent is carried out on the machines all the same.

const RUN = fileURLToPath(new URL('../helpers/kubeadm/cluster-run.js', import.meta.url));
const HOOK = new URL('../helpers/fault-hook.js', import.meta.url).href;
const EXAMPLE = new URL('../../examples/kubeadm-pair.yaml', import.meta.url);

/** The second control plane is in the file alone. */
const NAMES = ['master', 'node1', 'master2'];

let simulated: SimulatedHosts;
let folder: string;
let world: { readonly cluster: FakeCluster; readonly machines: readonly FakeKubeadmHost[] };

function freshWorld(): typeof world {
  const cluster = new FakeCluster();
  const power = new Power();
  return { cluster, machines: NAMES.map((name) => new FakeKubeadmHost(name, cluster, power)) };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-kubeadm-kill-'));
  simulated = await simulateHosts(NAMES.length, (host, argv, stdin) => {
    const machine = world.machines[host];
    const [program = '', ...args] = argv;
    // how the transport replaces a file whole
    if (program === 'sh' && args[1]?.startsWith('set -eu')) {
      machine?.put(args[3] ?? '', stdin);
      return '';
    }
    // and how it reads one
    if (program === 'env' && args[1] === 'cat') return machine?.programs['cat']?.(args.slice(-1), '') ?? { code: 127 };
    return machine?.programs[program]?.(args, stdin) ?? { code: 127, stderr: `${program}: command not found\n` };
  });
  const file = load(readFileSync(EXAMPLE, 'utf8')) as {
    spec: { provider: { kubeadm: KubeadmPart }; routers: unknown[] };
  };
  const { kubeadm } = file.spec.provider;
  Object.assign(kubeadm, { version: 'v1.34.4', controlPlaneEndpoint: '10.1.20.20' });
  kubeadm.hosts.push({ ...kubeadm.hosts[0], name: 'master2', address: '10.1.20.22', ssh: {} });
  for (const [at, host] of kubeadm.hosts.entries())
    host.ssh = { host: '127.0.0.1', port: simulated.ports[at], user: 'root', identityFiles: [simulated.identity] };
  file.spec.routers = [];
  writeFileSync(join(folder, 'cpaas.yaml'), dump(file));
});
afterAll(async () => {
  await simulated.close();
  rmSync(folder, { recursive: true });
});

interface KubeadmPart {
  readonly hosts: { name?: string; address?: string; ssh: object }[];
}
const state = () => join(folder, 'state');
beforeEach(() => startAnew());

function startAnew(): void {
  rmSync(state(), { recursive: true, force: true });
  mkdirSync(state());
  world = freshWorld();
}

async function run(command: 'up' | 'down', env: Readonly<Record<string, string>> = {}) {
  const words = ['--import', HOOK, RUN, join(folder, 'cpaas.yaml'), state(), command];
  const { stdout, stderr, signal, exitCode } = await execa(process.execPath, words, {
    ...{ reject: false, stdin: 'ignore', env: { ...env, NO_COLOR: '1' } },
  });
  return { signal, exitCode, stderr, ...(stdout === '' ? {} : (JSON.parse(stdout) as object)) };
}

const dumpOf = () => ({
  cluster: { ...(world.cluster.dump() as object), members: [...world.cluster.members] },
  machines: world.machines.map((machine) => machine.dump()),
});

/**
 * All moments of an up at which something was noted or sent; before the next note it is as it was after what was sent last. A note that
 * is written by half is told once for each step.
 */
async function moments(): Promise<readonly Boundary[]> {
  const trace = join(folder, 'trace');
  rmSync(trace, { force: true });
  expect(await run('up', { CPAAS_FAULT_TRACE: trace })).toMatchObject({ outcome: 'applied', stderr: '' });
  return readFileSync(trace, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Boundary)
    .filter(({ when }) => when === 'after' || when === 'sends')
    .flatMap((each) => (each.entry === 'intent' ? [{ ...each, when: 'torn' as const }, each] : [each]));
}

describe('init and join', () => {
  test('killed at any moment, the next up makes what one that was left alone makes', async () => {
    const all = await moments();
    const made = dumpOf();
    expect(made.cluster).toMatchObject({ running: true, tokens: [], secrets: [] });
    expect(made.cluster.members).toHaveLength(2);
    expect(all.length).toBeGreaterThan(25);
    for (const { text: _, ...at } of all) {
      startAnew();
      expect(await run('up', { CPAAS_FAULT_AT: JSON.stringify(at) }), JSON.stringify(at)).toMatchObject({
        signal: 'SIGKILL',
      });
      expect(await run('up'), JSON.stringify(at)).toMatchObject({ exitCode: 0, stderr: '' });
      expect(dumpOf(), JSON.stringify(at)).toEqual(made);
      expect(secretsIn(state()), JSON.stringify(at)).toEqual([]);
    }
  }, 600_000);

  test('cut off from a machine in the middle of a kubeadm, the next up ends well', async () => {
    const all = await moments();
    const made = dumpOf();
    const kubeadms = all.filter(({ text = '' }) => /kubeadm (init|join)/.test(text));
    expect(kubeadms.map(({ step }) => step?.split(':')[0])).toEqual([
      'kubeadm.control-plane',
      // the phase of the certificates, on the first one
      'kubeadm.node',
      'kubeadm.node',
      'kubeadm.node',
    ]);
    for (const { text: _, ...at } of kubeadms) {
      startAnew();
      const cut = await run('up', { CPAAS_FAULT_AT: JSON.stringify(at), CPAAS_FAULT_DO: '{"cut":true}' });
      expect(cut).not.toMatchObject({ outcome: 'applied' });
      expect(await run('up')).toMatchObject({ outcome: 'applied', stderr: '' });
      expect(dumpOf()).toEqual(made);
    }
  }, 120_000);
});

/** Files of a folder in which a token stands, or a key that certificates were laid ready under. */
const secretsIn = (of: string): readonly string[] =>
  readdirSync(of).filter((name) => {
    const text = readFileSync(join(of, name), 'utf8');
    return (
      /\b[a-z0-9]{6}\.[a-z0-9]{16}\b/.test(text) || world.cluster.certificateKeys.some((key) => text.includes(key))
    );
  });
