import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCluster } from '../../src/config/load.ts';
import { CpaasError } from '../../src/core/errors.ts';
import { Facts } from '../../src/core/facts.ts';
import { blueprintOf } from '../../src/providers/index.ts';
import { type FakeContext, type FakeMachine, fakeContext, Power } from '../helpers/fake-host.ts';
import { factsMachine } from '../helpers/fake-host-facts.ts';
import { FakeCluster, FakeKubeadmHost, madeCluster, PIN } from '../helpers/fake-kubeadm.ts';

const example = readFileSync(new URL('../../examples/kubeadm-pair.yaml', import.meta.url), 'utf8');
const [MASTER, NODE] = ['ssh://root@10.1.20.20', 'ssh://root@10.1.20.21'] as const;

const blueprint = (edit: (text: string) => string = (text) => text) =>
  blueprintOf(parseCluster(edit(example), 'f'), { env: {}, folder: '/state/kubeadm-pair' });
const without = (text: string) => text.replaceAll(/\n +address: 10\.1\.20\.2\d/g, '');

async function stepsOf(name: string, ctx: FakeContext, edit?: (text: string) => string) {
  const phase = blueprint(edit).plan.phases.find((each) => each.name === name);
  return phase?.steps(new Facts(ctx)) ?? expect.unreachable(`there is no phase ${name}`);
}

const machines = (master: Partial<FakeMachine> = {}): Record<string, FakeMachine> => ({
  [MASTER]: { ...factsMachine({ name: 'master', address: '10.1.20.20' }), ...master },
  [NODE]: factsMachine({ name: 'node1', address: '10.1.20.21' }),
});

describe("the order of the articles' work", () => {
  test('reads from the hosts to the routers', () => {
    const { plan, gateway, nodes, kube } = blueprint();
    expect(plan.phases.map(({ name, rank }) => [rank, name])).toEqual([
      [16, 'Hosts'],
      [20, 'Control plane'],
      [22, 'Pod network'],
      [25, 'Nodes'],
      [30, 'Calico'],
      [50, 'Routers'],
    ]);
    expect({ gateway, nodes, kube }).toEqual({
      gateway: undefined,
      nodes: ['master', 'node1'],
      kube: { host: MASTER, kubeconfig: '/etc/kubernetes/admin.conf' },
    });
  });

  test('further control planes join one after the other, and are undone so', () => {
    const three = blueprint((text) =>
      text
        .replace('version: v1.35.8', 'version: v1.35.8\n      controlPlaneEndpoint: api.example.com')
        .replace('role: worker', 'role: control-plane'),
    );
    expect(three.plan.phases.map(({ name, rank }) => [rank, name]).slice(1, 3)).toEqual([
      [20, 'Control plane'],
      [21, 'Control plane node1'],
    ]);
  });

  test('whoever is not root uses sudo, and whose machines are named as the file names them', () => {
    const { hosts } = blueprint((text) =>
      text.replace('host: 10.1.20.21, user: root', 'host: 10.1.20.21, user: ubuntu'),
    );
    expect(hosts['ssh://ubuntu@10.1.20.21']).toMatchObject({ name: 'node1', sudo: true });
    expect(hosts[MASTER]).toEqual({ name: 'master', reach: { via: 'ssh', host: '10.1.20.20', user: 'root' } });
  });
});

describe('the hosts', () => {
  test('are asked once each, in one round trip, however many phases need to know', async () => {
    const ctx = fakeContext(machines());
    const asked: string[] = [];
    const counting = {
      ...ctx,
      host: (key: string) => {
        const machine = ctx.host(key);
        return {
          ...machine,
          queryAll: (all: Parameters<typeof machine.queryAll>[0]) => {
            asked.push(key);
            return machine.queryAll(all);
          },
        };
      },
    };
    const facts = new Facts(counting);
    for (const { name, steps } of blueprint(without).plan.phases)
      if (name === 'Hosts' || name === 'Control plane') await steps(facts);
    expect(asked).toEqual([MASTER, NODE]);
  });

  test('one out of reach, and one that refuses its login, leave the others their own words', async () => {
    const dead = new CpaasError('HOST.UNREACHABLE', 'node1 does not answer');
    const denied = new CpaasError('SUDO.DENIED', 'master: sudo refuses');
    const ctx = fakeContext(machines());
    const broken = (key: string) => ({
      ...ctx.host(key),
      queryAll: () => Promise.reject(key === NODE ? dead : denied),
    });
    const [master, node] = await stepsOf('Hosts', { ...ctx, host: broken });
    await expect(node?.read(ctx, new Set())).rejects.toBe(dead);
    const seen = await master?.read(ctx, new Set(['login']));
    expect(master?.claim('login', seen?.get('login'), true, false)).toEqual({ conflict: 'master: sudo refuses' });
  });
});

describe('the cluster', () => {
  test('has its address from the machine where the file leaves it out', async () => {
    const [step] = await stepsOf('Control plane', fakeContext(machines()), without);
    expect([...(step?.want.values() ?? [])]).toEqual([
      { stage: 'ready', version: 'v1.35.8', address: '10.1.20.20', pods: '192.168.0.0/16', services: '10.96.0.0/12' },
    ]);
  });

  test('is not begun where nobody can tell its address', async () => {
    const elsewhere = factsMachine({ name: 'master', address: '172.31.0.4' });
    const ctx = fakeContext(machines(elsewhere));
    const [step] = await stepsOf('Control plane', ctx, without);
    await expect(step?.read(ctx, new Set())).rejects.toMatchObject({ code: 'KUBEADM.ADDRESS' });
  });

  test('is joined by its certificate authority', async () => {
    const power = new Power();
    const cluster = new FakeCluster();
    const master = new FakeKubeadmHost('master', cluster, power);
    const ctx = fakeContext({ [MASTER]: master, [NODE]: new FakeKubeadmHost('node1', cluster, power) });
    await expect(stepsOf('Nodes', ctx)).rejects.toMatchObject({ code: 'KUBEADM.CA' });
    madeCluster(master, cluster, 'kubeadm-pair');
    const [step] = await stepsOf('Nodes', ctx);
    expect([...(step?.want.values() ?? [])]).toEqual([
      { stage: 'joined', role: 'worker', address: '10.1.20.21', cluster: PIN.one },
    ]);
  });
});
