import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Writer } from '../../src/core/context.ts';
import { Facts } from '../../src/core/facts.ts';
import { type Owned, reconcile } from '../../src/core/reconcile.ts';
import type { Step } from '../../src/core/step.ts';
import { bigipRoutes } from '../../src/facts/bigip/routes.ts';
import { bigipSessions } from '../../src/facts/bigip/sessions.ts';
import { labLayout } from '../../src/lab/layout.ts';
import { wantedBgp } from '../../src/routers/bigip/config/wanted.ts';
import { probe } from '../../src/routers/bigip/unit/probe.ts';
import { bigipBgp } from '../../src/steps/bigip/bgp.ts';
import { bigipConditions, bigipPreflight } from '../../src/steps/bigip/preflight.ts';
import { bigipRoute } from '../../src/steps/bigip/route.ts';
import { BGP, bigipRoutingProtocol } from '../../src/steps/bigip/routing-protocol.ts';
import { bigipSelfIp, TCP_BGP } from '../../src/steps/bigip/self-ip.ts';
import { type Hosts, openHosts } from '../../src/transport/connect.ts';
import { fakeArtifacts } from '../helpers/fake-artifacts.ts';
import { type Bed, noUnit, startBed, until } from '../lab/bigip/bed.ts';

const LAB = 'bg-steps';
const unit = { host: 'bigip', unit: 'chs1', cluster: 'cpaas1' };
const place = { ...unit, routeDomain: 0 };

const steps = (nodes: readonly string[]): readonly Step[] => [
  bigipPreflight(
    { ...place, selfIp: 'internal' },
    bigipConditions({ routeDomain: 0 }, [{ selfIp: 'internal', address: '10.10.2.20' }]),
  ),
  bigipRoutingProtocol(place, [[BGP, true]]),
  bigipSelfIp({ ...unit, selfIp: 'internal' }, [[TCP_BGP, true]]),
  bigipRoute(place, [['172.19.0.0/16', { gw: '10.10.2.30' }]]),
  bigipBgp(
    { ...place, asNumber: 64512 },
    wantedBgp({
      asNumber: 64512,
      clusterAs: 64512,
      peerGroup: 'calico-k8s',
      gracefulRestartTime: 120,
      neighbors: nodes.map((address) => ({ address, asNumber: 64512 })),
      sessions: {
        timers: { keepalive: 10, hold: 30 },
        maximumPrefix: 100,
        keepsRefused: true,
        admit: { cluster: 'cpaas1', pods: ['10.53.0.0/16'], blockSize: 26 },
        announceNothing: { cluster: 'cpaas1' },
      },
    }),
  ),
];

describe.skipIf(noUnit)('the BIG-IP steps on a unit behind a real sshd', () => {
  let bed: Bed;
  let hosts: Hosts;
  let ctx: Writer;
  const sent: string[] = [];
  const owned = new Map<string, Map<string, Owned>>();

  beforeAll(async () => {
    bed = await startBed(LAB, { daemonDelay: 2 });
    await bed.bird();
    const layout = labLayout(LAB);
    const proxyCommand = ['ip', 'netns', 'exec', layout.namespace('bigip1'), 'socat', '-', 'TCP:10.10.2.20:22'];
    const ssh = { via: 'ssh' as const, host: '10.10.2.20', user: 'root', identityFiles: [layout.identity] };
    const spec = { name: 'bigip1', reach: { ...ssh, knownHosts: [layout.knownHosts], proxyCommand } };
    hosts = openHosts(
      { bigip: spec },
      {
        secrets: { reveal: () => Promise.reject(new Error('none here')), redact: (text) => text },
        emit: (event) => {
          if (event.type === 'command' && !event.reads) sent.push(event.argv.join(' '));
        },
        sshConfig: '/dev/null',
      },
    );
    const { signal } = new AbortController();
    ctx = {
      host: hosts.host,
      identity: hosts.identity,
      secret: async () => '',
      isGoing: () => false,
      progress: () => {},
      artifacts: fakeArtifacts(),
      signal,
    };
  });
  afterAll(async () => {
    await hosts?.closeAll();
    await bed?.down();
  });

  const seen = (step: Step) => step.read(ctx, new Set([...step.want.keys(), ...(owned.get(step.id)?.keys() ?? [])]));
  const look = async (step: Step) => reconcile(step, await seen(step), owned.get(step.id) ?? new Map());

  /** As the engine does, one step after the other. */
  async function converge(all: readonly Step[]): Promise<number> {
    let changed = 0;
    const unclosed: { step: Step; before: unknown }[] = [];
    for (const step of all) {
      const { changes, conflicts } = await look(step);
      expect(conflicts).toEqual([]);
      if (changes.length === 0) continue;
      unclosed.push({ step, before: await step.close?.before(ctx) });
      const own = owned.get(step.id) ?? new Map<string, Owned>();
      owned.set(step.id, own);
      for (const { key, before, to } of changes) own.set(key, { before, meant: to, ours: [to], settled: true });
      await step.write(ctx, changes);
      expect((await look(step)).changes).toEqual([]);
      changed += changes.length;
    }
    for (const { step } of unclosed) {
      const sharing = unclosed.filter((each) => each.step.close?.id === step.close?.id);
      expect(
        await step.close?.act(
          ctx,
          sharing.map(({ before }) => before),
        ),
      ).toBeUndefined();
    }
    return changed;
  }

  test('bring a bare unit to sessions and blocks, and a second run changes nothing', async () => {
    const all = steps(['10.10.2.30', '10.10.2.31']);
    expect(await converge(all)).toBe(16);
    expect(await converge(all)).toBe(0);
    const sessions = () => new Facts(ctx).get(bigipSessions(place));
    await until(async () => (await sessions()).some(({ prefixes }) => prefixes === 2));
    expect(await sessions()).toEqual([
      { neighbor: '10.10.2.30', asNumber: 64512, state: 'Established', uptime: expect.any(String), prefixes: 2 },
      { neighbor: '10.10.2.31', asNumber: 64512, state: expect.stringMatching(/^(Active|Connect|Idle)$/) },
    ]);
    await until(async () =>
      (await new Facts(ctx).get(bigipRoutes(place))).installed.some(({ prefix }) => prefix === '10.53.1.0/26'),
    );
    const { learned, installed } = await new Facts(ctx).get(bigipRoutes(place));
    expect(learned.find(({ prefix }) => prefix === '10.53.168.192/26')?.paths).toEqual([
      { nextHop: '10.10.2.30', best: true, valid: true, stale: false, internal: true },
    ]);
    expect(installed.find(({ prefix }) => prefix === '10.53.1.0/26')).toEqual({
      ...{ prefix: '10.53.1.0/26', code: 'B', distance: 200 },
      hops: [{ nextHop: '10.10.2.30', vlan: 'internal' }],
    });
    expect(await bed.file('config/zebos/rd0/ZebOS.conf')).toContain('neighbor 10.10.2.31 description cpaas:cpaas1');
  });

  test('reach a neighbor with packets', async () => {
    const answers = await probe(ctx.host('bigip'), [
      { way: 'ping', address: '10.10.2.30' },
      { way: 'full-size ping', address: '10.10.2.30' },
      { way: 'tcp', address: '10.10.2.30', port: 179 },
      { way: 'tcp', address: '10.10.2.30', port: 81 },
    ]);
    expect(answers.map(({ reached }) => reached)).toEqual([true, true, true, true]);
    expect(answers[3]?.detail).toBe('refused, by the pod');
  });

  test('repair the one neighbor that an operator took away', async () => {
    await bed.ssh('TERM=vt100 imish', {
      input: 'enable\nconfigure terminal\nrouter bgp 64512\nno neighbor 10.10.2.31 peer-group calico-k8s\nend\n',
    });
    const all = steps(['10.10.2.30', '10.10.2.31']);
    const last = all.at(-1);
    if (!last) throw new Error('there are steps');
    expect((await look(last)).changes.map(({ key, cause }) => [key, cause])).toEqual([
      ['neighbor 10.10.2.31 peer-group', 'drift'],
    ]);
    await converge(all);
  });

  test('lose a neighbor that is no longer wanted', async () => {
    expect(await converge(steps(['10.10.2.30']))).toBe(1);
    expect((await bed.ssh("TERM=vt100 imish -e 'show running-config'")).stdout).not.toContain('10.10.2.31');
  });

  test('give back everything', async () => {
    const revived = steps([]).map((step) => ({ ...step, want: new Map<string, unknown>() }));
    await converge(revived.slice(1).reverse());
    const { stdout } = await bed.ssh('tmsh list net route; tmsh list net self internal allow-service');
    expect(stdout).not.toMatch(/cpaas|bgp/);
    expect((await bed.ssh('ls /var/tmp')).stdout).not.toContain('cpaas');
    expect((await bed.ssh('tmsh list net route-domain 0 routing-protocol')).stdout).not.toContain('BGP');
    expect(await bed.file('config/zebos/rd0/ZebOS.conf')).not.toMatch(/router bgp|prefix-list/);
  });
});
