import { describe, expect, test } from 'vitest';
import { loadCluster } from '../../../src/config/load.ts';
import { Facts } from '../../../src/core/facts.ts';
import { HERE_AS_ROOT } from '../../../src/providers/hosts/workstation.ts';
import { blueprintOf } from '../../../src/providers/index.ts';
import { capture, withCaptures } from '../../helpers/captures.ts';
import { type FakeProgram, fakeContext, Power } from '../../helpers/fake-host.ts';
import { FakeKube, type FakeObject } from '../../helpers/fake-kube.ts';

const FOLDER = '/state/real';
const cluster = await loadCluster('examples/k3d-bigip.yaml', () => {});
const blueprint = blueprintOf(
  {
    ...cluster,
    metadata: { name: 'real' },
    spec: { ...cluster.spec, network: { ...cluster.spec.network, nodes: '172.28.0.0/16' } },
  },
  { env: {}, folder: FOLDER },
);
const [phase] = blueprint.plan.phases;
const items = (file: string) => (JSON.parse(capture(file)) as { items: FakeObject[] }).items;

test('what the file has installed is there before the machine is asked for it', () => {
  const spec = {
    ...cluster.spec,
    tools: { ...cluster.spec.tools, k3d: 'v5.9.0' },
    host: { ...cluster.spec.host, prepare: true },
  };
  const { phases } = blueprintOf({ ...cluster, spec }, { env: {}, folder: FOLDER }).plan;
  expect(phases.slice(0, 3).map(({ name }) => name)).toEqual(['Host', 'Tools', 'Cluster']);
  expect(phases[2]?.needs).toEqual(['Host', 'Tools']);
});

test('whoever is not root forwards and routes by sudo, and speaks to the engine himself', () => {
  const made = (asRoot: boolean) => blueprintOf(cluster, { env: { USER: 'ada' }, folder: FOLDER, asRoot });
  const mine = made(false);
  expect(mine.gateway).toBe(HERE_AS_ROOT);
  expect(mine.hosts).toMatchObject({ local: { group: 'docker' }, [HERE_AS_ROOT]: { sudo: 'changes' } });
  expect(mine.kube.host).toBe('local');
  const roots = made(true);
  expect(roots.gateway).toBe('local');
  expect(roots.hosts['local']).toEqual({ name: 'here', reach: { via: 'local' } });
});

test('versions of the machine that do not go with the file are told before anything is made', async () => {
  const preflight = async (version: string, cgroup: string) => {
    const docker: FakeProgram = ([verb]) =>
      verb === 'version'
        ? JSON.stringify({ Server: { Version: version } })
        : verb === 'info'
          ? JSON.stringify({ CgroupVersion: cgroup })
          : '[]';
    const steps = await phase?.steps(new Facts(fakeContext({ local: { name: 'here', programs: { docker } } })));
    return steps?.[0]?.place;
  };
  expect(await preflight('20.10.4', '1')).toMatchObject({
    engine: 'k3d needs Docker 20.10.5 or newer, and this is 20.10.4: upgrade Docker Engine',
    kubernetes: expect.stringMatching(/^kubelet 1\.35 does not start on a host with control groups version 1: /),
  });
  const fitting = await preflight('28.5.2', '2');
  expect(fitting).not.toHaveProperty('engine');
  expect(fitting).not.toHaveProperty('kubernetes');
});

interface Container {
  readonly name: string;
  readonly address: string;
  readonly running?: boolean;
}
/** As the captures have them. */
const REAL: readonly Container[] = [
  { name: 'k3d-real-server-0', address: '172.28.0.3' },
  { name: 'k3d-real-agent-0', address: '172.28.0.5' },
  { name: 'k3d-real-agent-1', address: '172.28.0.2' },
  { name: 'k3d-real-agent-2', address: '172.28.0.4' },
];

const inspected = ({ name, address, running = true }: Container) => ({
  Name: `/${name}`,
  State: { Running: running },
  Config: {
    Image: 'docker.io/rancher/k3s:v1.35.5-k3s1',
    Cmd: ['server'],
    Labels: { 'k3d.role': name.includes('server') ? 'server' : 'agent', 'cpaas.dev/cluster': 'real' },
  },
  NetworkSettings: { Networks: { 'k3d-real': { IPAddress: running ? address : '' } } },
});

const docked =
  (containers: readonly Container[], info: object = {}): FakeProgram =>
  ([verb]) => {
    if (verb === 'version') return JSON.stringify({ Server: { Version: '29.8.1' } });
    if (verb === 'info') return JSON.stringify(info);
    if (verb === 'context') return '[]';
    return verb === 'ps'
      ? containers.map(({ name }) => `${name}\n`).join('')
      : JSON.stringify(containers.map(inspected));
  };

function context(
  containers: readonly Container[] | FakeProgram,
  objects: readonly FakeObject[],
  kubectl?: FakeProgram,
) {
  const docker = typeof containers === 'function' ? containers : docked(containers);
  const { programs } = new FakeKube(new Power(), { api: 'crd', objects });
  const files = new Map([[`${FOLDER}/kubeconfig`, 'there']]);
  return fakeContext({
    local: { name: 'here', files, programs: { ...programs, docker, ...(kubectl ? { kubectl } : {}) } },
  });
}

const all = () => ['nodes', 'pods', 'ippools', 'clusterinformations'].flatMap((file) => items(`${file}.json`));
const missing = (...world: Parameters<typeof context>) => phase?.until[0]?.missing(new Facts(context(...world)));
const unrest = (...world: Parameters<typeof context>) => phase?.atRest[0]?.missing(new Facts(context(...world)));
/** The captured objects with a change made to one. */
const but = (kind: string, name: string, change: (object: FakeObject) => object): readonly FakeObject[] =>
  all().map((object) =>
    object.kind === kind && object.metadata.name === name ? ({ ...object, ...change(object) } as FakeObject) : object,
  );

test('a plan is made without looking, and each node is known under both of its names', () => {
  expect(blueprint.plan.phases.map(({ name }) => name)).toEqual([
    'Cluster',
    'Calico',
    'Forwarding',
    'Routers',
    'Host routes',
  ]);
  expect([blueprint.size, blueprint.nodes?.slice(0, 4)]).toEqual([
    4,
    ['k3d-real-server-0', 'k3d-real-server-0-0', 'k3d-real-agent-0', 'k3d-real-agent-0-0'],
  ]);
  expect(blueprint.kube).toEqual({ host: 'local', kubeconfig: `${FOLDER}/kubeconfig` });
});

test('an engine that does not answer is told by whoever asks it, and is nobody’s thing in the way', async () => {
  const stopped: FakeProgram = () => ({ code: 1, stderr: 'Cannot connect to the Docker daemon' });
  const facts = new Facts(fakeContext({ local: { name: 'here', programs: { docker: stopped } } }));
  const [conditions, network] = (await phase?.steps(facts)) ?? [];
  expect(conditions?.place).not.toHaveProperty('engine');
  await expect(network?.read(facts.ctx, new Set(['k3d-real']))).rejects.toMatchObject({ code: 'DOCKER.UNREACHABLE' });
});

test('on a machine without anything the phase is spelled out all the same, and says what is missing', async () => {
  const steps = await phase?.steps(new Facts(fakeContext({ local: { name: 'here', programs: {} } })));
  expect(steps?.map(({ kind }) => kind)).toEqual(['k3d.preflight', 'docker.network', 'k3d.cluster']);
  expect(steps?.[0]?.place).toMatchObject({ engine: 'Docker is not installed: spec.host.prepare lets cpaas do it' });
  expect(steps?.[1]?.want.get('k3d-real')).toMatchObject({ subnet: '172.28.0.0/16', unprotected: false });
});

describe('the routers are told of a cluster', () => {
  withCaptures('whose nodes are Ready, at one address for all, with Calico on each and its pool', async () => {
    expect(await missing(REAL, all())).toBeUndefined();
  });

  withCaptures('not while Calico speaks from another address than Docker gave', async () => {
    const wrong = but('Node', 'k3d-real-agent-1', ({ metadata }) => ({
      metadata: {
        ...metadata,
        annotations: {
          ...(metadata['annotations'] as object),
          'projectcalico.org/IPv4Address': '10.8.0.2/24',
        },
      },
    }));
    expect(await missing(REAL, wrong)).toBe(
      'Calico speaks for node k3d-real-agent-1 from 10.8.0.2, and it is at 172.28.0.2',
    );
  });

  withCaptures('not while Kubernetes has the address from before a restart', async () => {
    const moved = REAL.map((each) => (each.name === 'k3d-real-agent-0' ? { ...each, address: '172.28.0.9' } : each));
    expect(await missing(moved, all())).toBe('node k3d-real-agent-0 is known by 172.28.0.5, and is at 172.28.0.9');
  });

  withCaptures('not while a node has not registered, or is not Ready', async () => {
    const more = [...REAL, { name: 'k3d-real-agent-3-0', address: '172.28.0.6' }];
    expect(await missing(more, all())).toBe('node k3d-real-agent-3-0 has not registered');
    const conditions = [{ type: 'Ready', status: 'Unknown' }];
    const lost = but('Node', 'k3d-real-server-0', (node) => ({
      status: { ...((node as { status?: object }).status ?? {}), conditions },
    }));
    expect(await missing(REAL, lost)).toBe('node k3d-real-server-0 is not Ready');
  });

  withCaptures('not while a pod of Calico’s DaemonSet is missing', async () => {
    const without = all().filter(({ kind, metadata }) => kind !== 'Pod' || !metadata.name.startsWith('calico-node'));
    expect(await missing(REAL, without)).toMatch(/^calico-node is Ready on 0 of 4 nodes, not on k3d-real-agent-0/);
  });

  withCaptures('not while its pool is missing, or has other blocks', async () => {
    const none = all().filter(({ kind }) => kind !== 'IPPool');
    expect(await missing(REAL, none)).toBe('Calico has no pool 10.53.0.0/16');
    const other = but('IPPool', 'default-ipv4-ippool', (pool) => ({
      spec: { ...(pool['spec'] as object), blockSize: 24 },
    }));
    expect(await missing(REAL, other)).toBe("Calico's pool 10.53.0.0/16 has blocks of /24, not /26");
  });
});

describe('up waits before it reads', () => {
  const away: FakeProgram = () => ({ code: 1, stderr: 'The connection to the server 10.10.2.10:6443 was refused' });

  test('for an API server that starts again', async () => {
    expect(await unrest(REAL, [], away)).toBe('the Kubernetes API does not answer here');
  });

  withCaptures('not for what the file may have changed: another pool means another cluster', async () => {
    const other = but('IPPool', 'default-ipv4-ippool', (pool) => ({
      spec: { ...(pool['spec'] as object), blockSize: 24 },
    }));
    expect(await unrest(REAL, other)).toBeUndefined();
  });

  test('not for an engine that does not run: it may be this run that starts it', async () => {
    const stopped: FakeProgram = () => ({ code: 1, stderr: 'Cannot connect to the Docker daemon' });
    expect(await unrest(stopped, [])).toBeUndefined();
  });

  test('not for a kubectl that is away: it may be this run that brings it', async () => {
    const gone: FakeProgram = () => ({ code: 127, stderr: 'kubectl: command not found' });
    expect(await unrest(REAL, [], gone)).toBeUndefined();
  });

  test('not on an engine that is refused anyway', async () => {
    const filtering = docked(REAL, { FirewallBackend: { Driver: 'nftables' } });
    expect(await unrest(filtering, [], away)).toBeUndefined();
  });

  test('not for an API that cannot come back: somebody has removed the server', async () => {
    const left = REAL.filter(({ name }) => !name.includes('server'));
    expect(await unrest(left, [], away)).toBeUndefined();
  });

  test('not where there is no cluster, or where nodes are stopped: those are changes', async () => {
    expect(await unrest([], [], away)).toBeUndefined();
    expect(
      await unrest(
        REAL.map((each) => ({ ...each, running: false })),
        [],
        away,
      ),
    ).toBeUndefined();
  });
});
