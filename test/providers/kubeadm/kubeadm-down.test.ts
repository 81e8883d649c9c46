import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { parseCluster } from '../../../src/config/load.ts';
import { CpaasError } from '../../../src/core/errors.ts';
import type { Event } from '../../../src/core/events.ts';
import { Facts } from '../../../src/core/facts.ts';
import type { Gate } from '../../../src/core/gate.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { passGate } from '../../../src/engine/pass-gate.ts';
import { blueprintOf } from '../../../src/providers/index.ts';
import { type FakeMachine, fakeContext, Power } from '../../helpers/fake-host.ts';
import { factsMachine } from '../../helpers/fake-host-facts.ts';
import { FakeKube, type FakeObject } from '../../helpers/fake-kube.ts';

const example = readFileSync(new URL('../../../examples/kubeadm-pair.yaml', import.meta.url), 'utf8');
const { plan } = blueprintOf(parseCluster(example, 'f'), { env: {}, folder: '/state/kubeadm-pair' });
const [MASTER, NODE] = ['ssh://root@10.1.20.20', 'ssh://root@10.1.20.21'] as const;
const UNITS = { bigip1: '10.1.20.11', bigip2: '10.1.20.12' } as const;

const gateOf = (name: string): Gate =>
  plan.phases.find((phase) => phase.name === name)?.until[0] ?? expect.unreachable(`there is no gate of ${name}`);

/** The cluster and its units, as they are while the second machine is on or off. */
class Site {
  /** Whether the cluster says that the node is Ready, and whether the machine answers. */
  ready = true;
  answers = true;
  /** What kubectl says, whatever it is asked. */
  stderr: string | undefined;
  /** Addresses of nodes whose sessions are up, as both ends see them, and whose blocks the units have. */
  readonly joined = new Set(['10.1.20.20', '10.1.20.21']);

  /** Switched off long enough ago: the cluster knows, and the units have forgotten its routes. */
  off(): void {
    this.ready = false;
    this.answers = false;
    this.joined.delete('10.1.20.21');
  }

  missing = (phase: string) => gateOf(phase).missing(new Facts(this.#ctx()));

  /** What is told of a gate that is asked once. */
  async pass(phase: string): Promise<readonly string[]> {
    const told: string[] = [];
    const engine = {
      ctx: this.#ctx(),
      emit: (event: Event) => told.push(event.type === 'warning' ? event.text : event.type),
      clock: () => 0,
      patience: 0,
    } as unknown as Engine;
    await passGate(gateOf(phase), phase, engine);
    return told;
  }

  #ctx() {
    const kube = new FakeKube(new Power(), {
      ...{ api: 'crd', objects: this.#objects(), exec: this.#bird },
      ...(this.stderr === undefined ? {} : { broken: { code: 1, stderr: `${this.stderr}\n` } }),
    });
    const ctx = fakeContext({
      [MASTER]: { ...factsMachine({ name: 'master', address: '10.1.20.20' }), programs: kube.programs },
      [NODE]: factsMachine({ name: 'node1', address: '10.1.20.21' }),
      ...Object.fromEntries(
        Object.entries(UNITS).map(([name, address]) => [`ssh://root@${address}`, this.#unit(name, address)]),
      ),
    });
    const silent = () => Promise.reject(new CpaasError('HOST.UNREACHABLE', 'node1 does not answer'));
    const host: typeof ctx.host = (key) =>
      key === NODE && !this.answers ? { ...ctx.host(key), query: silent, queryAll: silent } : ctx.host(key);
    return { ...ctx, host };
  }

  #objects(): readonly FakeObject[] {
    return [
      ...this.#node('master', '10.1.20.20', '192.168.0.0/26', true),
      ...this.#node('node1', '10.1.20.21', '192.168.0.64/26', this.ready),
    ];
  }

  #node(name: string, address: string, cidr: string, ready: boolean): readonly FakeObject[] {
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }] };
    const annotations = { 'projectcalico.org/IPv4Address': `${address}/24` };
    const of = (kind: string, metadata: object, spec: FakeObject['spec'] = {}) => ({
      ...{ apiVersion: 'v1', kind, metadata: { name: `${name}-${kind}`, ...metadata }, spec, status },
    });
    return [
      of('Node', { name, annotations }),
      of('Pod', { namespace: 'kube-system', labels: { 'k8s-app': 'calico-node' } }, { nodeName: name }),
      of('BlockAffinity', {}, { cidr, node: name, state: 'confirmed', deleted: 'false' }),
    ];
  }

  readonly #bird = (pod: string) => {
    if (pod === 'node1-Pod' && !this.answers)
      return { code: 1, stderr: 'Error from server: error dialing backend: dial tcp 10.1.20.21:10250: i/o timeout\n' };
    const up = this.joined.has(pod === 'node1-Pod' ? '10.1.20.21' : '10.1.20.20');
    const rows = Object.values(UNITS).flatMap((unit) => [
      `Global_${unit} BGP --- ${up ? 'up' : 'start'} 10:00:00.000 ${up ? 'Established' : 'Active'}`,
      `  BGP state:          ${up ? 'Established' : 'Active'}`,
      `    Neighbor address: ${unit}`,
      '    Neighbor AS:      64512',
      '',
    ]);
    return ['Name       Proto      Table      State  Since         Info', ...rows].join('\n');
  };

  #unit(name: string, own: string): FakeMachine {
    const other = Object.values(UNITS).find((address) => address !== own);
    const rows = (all: readonly string[]) => all.map((row) => `${row}\n`).join('');
    const summary = [...['10.1.20.20', '10.1.20.21'], other].map((address) => {
      const up = address === other || this.joined.has(`${address}`);
      return `${address} 4 64512 1 1 1 0 0 ${up ? '00:01:00 1' : 'never Active'}`;
    });
    const blocks = { '10.1.20.20': '192.168.0.0/26', '10.1.20.21': '192.168.0.64/26' };
    const learned = Object.entries(blocks).flatMap(([via, cidr]) =>
      this.joined.has(via) ? [`*>i${cidr.padEnd(17)}${via}             0        100          0 i`] : [],
    );
    const answers: Readonly<Record<string, string>> = {
      'show ip bgp summary': rows([
        'Neighbor        V    AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd',
        ...summary,
      ]),
      'show ip bgp': rows(['   Network          Next Hop            Metric     LocPrf     Weight Path', ...learned]),
    };
    return { name, programs: { env: (args) => answers[args.at(-1) ?? ''] ?? '' } };
  }
}

describe.each([['Nodes'], ['Routers']])('the gate of %s', (phase) => {
  let site: Site;
  beforeEach(() => {
    site = new Site();
  });

  test('is open where all are as they should be, and tells of nobody', async () => {
    expect(await site.missing(phase)).toBeUndefined();
    expect(await site.pass(phase)).toEqual(['gate.open']);
  });

  test('does not wait for a machine that is off, and names it', async () => {
    site.off();
    expect(await site.missing(phase)).toBeUndefined();
    expect(await site.pass(phase)).toEqual([
      'node1 is not Ready and out of reach: nothing of it was waited for',
      'gate.open',
    ]);
  });

  test('waits for a node that is not Ready while its machine answers', async () => {
    site.off();
    site.answers = true;
    expect(await site.missing(phase)).toContain(phase === 'Nodes' ? 'node1' : '1 of 2 pod blocks');
  });

  test.each([
    'Error from server: etcdserver: leader changed',
    'Error from server: etcdserver: request timed out',
    'Error from server (Timeout): the server was unable to return a response in the time allotted',
    'Unable to connect to the server: unexpected EOF',
    'error: unexpected EOF',
  ])('waits for an API whose etcd chooses another leader: %s', async (stderr) => {
    site.stderr = stderr;
    expect(await site.missing(phase)).toContain('the Kubernetes API');
  });

  test('does not wait for an API that says no', async () => {
    site.stderr = 'Error from server (Forbidden): nodes is forbidden';
    await expect(site.missing(phase)).rejects.toMatchObject({ code: 'KUBE.REFUSED' });
  });
});

test('a node that is Ready is waited for, whether its machine can be reached or not', async () => {
  const site = new Site();
  site.off();
  site.ready = true;
  expect(await site.missing('Routers')).toContain('1 of 2 pod blocks');
});

test('those that are left are waited for while a machine is off', async () => {
  const site = new Site();
  site.off();
  site.joined.clear();
  expect(await site.missing('Routers')).toMatch(
    /has 0 of 1 pod blocks; 192\.168\.0\.0\/26 via 10\.1\.20\.20 is missing/,
  );
});
