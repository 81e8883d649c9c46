import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RunDocument } from '../../src/core/documents.ts';
import { takeLock } from '../../src/state/lock.ts';
import { Workspace } from '../helpers/cpaas.ts';
import { noLab } from '../helpers/lab.ts';
import { expectApplied } from '../helpers/outcomes.ts';

const LAB = 'suite-watch';
const lab = new Workspace('lab-vm.yaml', LAB, ({ provider }) => Object.assign(provider.lab, { agents: 2 }));

/** Blocks that nobody has, and nodes as the lab numbers them. */
const BLOCK = '10.53.200.0/26';
const IN_BLOCK = ['10.53.200.7', '10.53.200.8'] as const;
const ADDRESS = { 'server-0': '172.19.0.2', 'agent-0': '172.19.0.3', 'agent-1': '172.19.0.4' } as const;

/** `cpaas routes watch`, as it goes on, with what it has said so far. */
function startWatch() {
  const child = lab.start(['routes', 'watch', '--every', '3600', '-o', 'json']);
  const heard = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk: Buffer) => {
      heard[stream] += chunk.toString();
    });
  return {
    child,
    heard,
    runs: () =>
      heard.stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as RunDocument),
  };
}

let watch: ReturnType<typeof startWatch>;

const kubectl = (...words: readonly string[]): Promise<string> =>
  lab.inside('vm', 'kubectl', '--kubeconfig', `/run/cpaas/${LAB}/kubeconfig`, ...words);

/** Pods on nodes, each with the address that it asks for. Nobody waits until they run. */
function startPods(
  ...pods: readonly { name: string; nodeName: keyof typeof ADDRESS; address: string }[]
): Promise<string> {
  const items = pods.map(({ name, nodeName, address }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, annotations: { 'cni.projectcalico.org/ipAddrs': JSON.stringify([address]) } },
    spec: { nodeName, containers: [{ name: 'echo', image: 'echo' }] },
  }));
  const file = join(lab.folder, 'pods.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  return kubectl('apply', '-f', file);
}

const stopPods = (...names: readonly string[]): Promise<string> => kubectl('delete', 'pod', ...names, '--timeout=60s');
const hostRoutes = (): Promise<string> => lab.inside('vm', 'ip', 'route', 'show', 'proto', '201');
const eventually = (holds: () => Promise<void>): Promise<void> => vi.waitFor(holds, { timeout: 30_000, interval: 100 });

const expectRoute = (prefix: string, via: string): Promise<void> =>
  eventually(async () => expect(await hostRoutes()).toContain(`${prefix} via ${via} `));
const expectAnswers = (address: string): Promise<void> =>
  eventually(async () =>
    expect(await lab.inside('bigip1', 'ping', '-c', '1', '-W', '1', address)).toContain(' 0% packet loss'),
  );

/** Processes of the machine that have all of some words on their command line. */
const processes = (...words: readonly string[]): readonly number[] =>
  readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return words.every((word) => line.includes(word)) ? [Number(pid)] : [];
    } catch {
      return [];
    }
  });
const watchers = (): readonly number[] => processes('kubectl', `/run/cpaas/${LAB}/`, 'watch=1');

/** Files that it has open. */
const files = (): number => readdirSync(`/proc/${watch.child.pid}/fd`).length;
/** After its first run. */
let atFirst: number;

function tryLock(): (() => void) | undefined {
  try {
    return takeLock(join(lab.state, LAB, 'lock'), 'up');
  } catch {
    return undefined;
  }
}

describe.skipIf(noLab).sequential('routes watch', () => {
  beforeAll(async () => {
    expectApplied(await lab.up());
    watch = startWatch();
    await eventually(async () => expect(watchers()).toHaveLength(3));
  });
  afterAll(async () => {
    watch?.child.kill('SIGKILL');
    await lab.remove();
  });

  test('what is right already is left alone', () => {
    expect(watch.heard).toEqual({ stdout: '', stderr: '' });
  });

  test('a new block gets its route, and packets from the unit arrive', async () => {
    await startPods({ name: 'fresh', nodeName: 'agent-0', address: IN_BLOCK[0] });
    await expectRoute(BLOCK, ADDRESS['agent-0']);
    await expectAnswers(IN_BLOCK[0]);
    // told once it is read back, a moment after the packets go
    await eventually(async () => expect(watch.heard.stderr).toContain(`+ ${BLOCK} via ${ADDRESS['agent-0']}`));
    atFirst = files();
  });

  test('an address that another node borrows gets a route of its own, and loses it', async () => {
    await startPods({ name: 'borrower', nodeName: 'agent-1', address: IN_BLOCK[1] });
    await expectRoute(IN_BLOCK[1], ADDRESS['agent-1']);
    await expectAnswers(IN_BLOCK[1]);
    await stopPods('borrower');
    await eventually(async () => expect(await hostRoutes()).not.toContain(IN_BLOCK[1]));
  });

  test('a block that moves takes its route along', async () => {
    await stopPods('fresh');
    const name = BLOCK.replaceAll(/[./]/g, '-');
    await kubectl(
      'delete',
      `blockaffinities.crd.projectcalico.org/agent-0-${name}`,
      `ipamblocks.crd.projectcalico.org/${name}`,
    );
    await startPods({ name: 'moved', nodeName: 'agent-1', address: IN_BLOCK[0] });
    await expectRoute(BLOCK, ADDRESS['agent-1']);
    await expectAnswers(IN_BLOCK[0]);
  });

  test('watches that are cut off are begun anew', async () => {
    const before = watchers();
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await startPods({ name: 'after-cut', nodeName: 'server-0', address: '10.53.201.7' });
    await expectRoute('10.53.201.0/26', ADDRESS['server-0']);
    await eventually(async () => expect(watchers().filter((pid) => !before.includes(pid))).toHaveLength(3));
  });

  test('while the API is away no route is touched; when it is back, changes are followed again', async () => {
    const before = await hostRoutes();
    const [api = 0] = processes('lab/kube/main.js', LAB);
    process.kill(api, 'SIGKILL');
    await eventually(async () => expect(watch.heard.stderr).toContain('KUBE.UNREACHABLE the watch of /'));
    expect(await hostRoutes()).toBe(before);
    await eventually(async () => expect(await kubectl('get', 'nodes')).toContain('agent-1'));
    await startPods({ name: 'after-restart', nodeName: 'agent-0', address: '10.53.202.7' });
    await expectRoute('10.53.202.0/26', ADDRESS['agent-0']);
  });

  test('while another run has the cluster it waits, and says whose', async () => {
    // its own last run may not have ended yet
    const release = await vi.waitUntil(() => tryLock(), { timeout: 30_000, interval: 20 });
    await startPods({ name: 'locked', nodeName: 'agent-1', address: '10.53.203.7' });
    await eventually(async () => expect(watch.heard.stderr).toContain('LOCK.HELD another cpaas up is at work'));
    expect(await hostRoutes()).not.toContain('10.53.203.');
    release();
    await expectRoute('10.53.203.0/26', ADDRESS['agent-1']);
  });

  test('what stays in its way is told once and has one log, however often it looks', async () => {
    const folder = join(lab.state, LAB, 'runs');
    const before = readdirSync(folder).length;
    const looks = new Set<number>();
    await lab.inside('vm', 'ip', 'route', 'add', '10.53.204.0/26', 'via', ADDRESS['agent-0']);
    await startPods({ name: 'in-the-way', nodeName: 'agent-1', address: '10.53.204.7' });
    // each run that fails begins a log
    await eventually(async () => expect(looks.add(statSync(folder).mtimeMs).size).toBeGreaterThan(4));
    await eventually(async () => expect(readdirSync(folder)).toHaveLength(before + 1));
    expect(watch.heard.stderr.match(/STEP\.CONFLICT/g)).toHaveLength(1);
    await lab.inside('vm', 'ip', 'route', 'del', '10.53.204.0/26');
    await startPods({ name: 'beside', nodeName: 'agent-1', address: '10.53.205.7' });
    for (const block of ['10.53.204.0/26', '10.53.205.0/26']) {
      await expectRoute(block, ADDRESS['agent-1']);
      await eventually(async () => expect(watch.heard.stderr).toContain(`${block} via ${ADDRESS['agent-1']}`));
    }
  });

  test('after all that it has no more files open than after its first run', async () => {
    await eventually(async () => expect(files()).toBeLessThanOrEqual(atFirst));
    expect(watchers()).toHaveLength(3);
  });

  test('SIGTERM ends it: nothing of it runs on, and every change that it made was told', async () => {
    // not in the middle of a run: that would be told as interrupted
    const release = await vi.waitUntil(() => tryLock(), { timeout: 30_000, interval: 20 });
    watch.child.kill('SIGTERM');
    release();
    const { exitCode } = await watch.child;
    expect({ exitCode, watchers: watchers() }).toEqual({ exitCode: 0, watchers: [] });
    const changes = lab
      .journal()
      .split('\n')
      .filter(Boolean)
      .map(
        (line) =>
          JSON.parse(line) as {
            type: string;
            run: string;
            kind?: string;
            elements?: { key: string; to?: { via: string } }[];
          },
      )
      .filter(
        ({ type, kind, run }) =>
          type === 'intent' && kind === 'host.routes' && watch.runs().some((each) => each.run === run),
      )
      .flatMap(({ elements = [] }) => elements);
    expect(changes.length).toBeGreaterThan(5);
    for (const { key, to } of changes) expect(watch.heard.stderr).toContain(`${to ? '' : '- '}${key} via `);
    expect(watch.runs().map(({ outcome }) => outcome)).not.toContain('interrupted');
  });

  test('a machine that has started again has its routes after one sync, though the file is gone', async () => {
    const before = await hostRoutes();
    await lab.inside('vm', 'ip', 'route', 'flush', 'proto', '201');
    renameSync(lab.file, `${lab.file}.gone`);
    expect(await lab.run('routes', 'sync', '--cluster', LAB, '--progress', 'plain')).toMatchObject({ code: 0 });
    expect((await hostRoutes()).split('\n').sort()).toEqual(before.split('\n').sort());
    renameSync(`${lab.file}.gone`, lab.file);
  });
});
