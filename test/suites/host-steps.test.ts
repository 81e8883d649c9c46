import { execFileSync, spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Writer } from '../../src/core/context.ts';
import { Facts } from '../../src/core/facts.ts';
import { reconcile } from '../../src/core/reconcile.ts';
import type { Step } from '../../src/core/step.ts';
import type { Transport } from '../../src/core/transport.ts';
import { vmNetwork } from '../../src/facts/host/vm-network.ts';
import { dockerForwarding, forwardRouter, forwardSource } from '../../src/steps/docker/forwarding.ts';
import { hostRoutes, route } from '../../src/steps/host/routes.ts';
import { hostSysctl } from '../../src/steps/host/sysctl.ts';
import { asHost } from '../../src/transport/host.ts';
import { netns } from '../../src/transport/netns.ts';
import { fakeArtifacts } from '../helpers/fake-artifacts.ts';

// The steps on hosts against the kernel itself: what the fakes of the unit tests do, `ip` and iptables do too.

const NAMESPACE = 'cpaas-hoststeps';
const ip = (...args: readonly string[]) => execFileSync('ip', args, { encoding: 'utf8' });
const inside = (...argv: readonly string[]) => ip('netns', 'exec', NAMESPACE, ...argv);

let vm: Transport;
let ctx: Writer;

beforeEach(() => {
  // a run of the tests that was killed leaves it
  spawnSync('ip', ['netns', 'delete', NAMESPACE]);
  ip('netns', 'add', NAMESPACE);
  for (const link of ['lo', 'up0', 'br0']) {
    if (link !== 'lo') ip('-n', NAMESPACE, 'link', 'add', link, 'type', 'bridge');
    ip('-n', NAMESPACE, 'link', 'set', link, 'up');
  }
  ip('-n', NAMESPACE, 'address', 'add', '10.10.2.10/24', 'dev', 'up0');
  ip('-n', NAMESPACE, 'address', 'add', '172.19.0.1/16', 'dev', 'br0');
  vm = asHost(netns('vm', NAMESPACE));
  ctx = {
    host: () => vm,
    identity: async (key) => key,
    secret: async () => '',
    artifacts: fakeArtifacts(),
    isGoing: () => false,
    progress: () => {},
    signal: new AbortController().signal,
  };
});

afterEach(() => {
  ip('netns', 'delete', NAMESPACE);
});

/** One run: what it changed, in words. `owned` are keys that are ours and no longer wanted. */
async function run(step: Step, owned: readonly string[] = []): Promise<readonly string[]> {
  const look = async () => reconcile(step, await step.read(ctx, new Set([...step.want.keys(), ...owned])), new Map());
  const { changes, conflicts } = await look();
  if (conflicts.length > 0) throw new Error(conflicts.map(({ why }) => why).join());
  await step.write(ctx, changes);
  expect((await look()).changes).toEqual([]);
  return changes.map(step.describe);
}

describe('host.routes in the kernel', () => {
  const place = { host: 'vm', cluster: 'cpaas1', range: '10.53.0.0/16' };
  const routes = (...wish: Parameters<typeof hostRoutes>[1][]) =>
    hostRoutes(
      place,
      wish.flatMap((one) => [...one]),
    );

  test('routes come, move and go; what others put there stays', async () => {
    ip('-n', NAMESPACE, 'route', 'add', '10.53.0.0/26', 'via', '172.19.0.2', 'proto', 'static');
    ip('-n', NAMESPACE, 'route', 'add', 'blackhole', '10.53.9.0/26', 'proto', 'bird');
    ip('-n', NAMESPACE, 'route', 'add', '10.54.0.0/26', 'via', '172.19.0.2', 'proto', '201');
    const found = ip('-n', NAMESPACE, 'route', 'show');
    const wish = [
      route('10.53.0.0/26', '172.19.0.2'),
      route('10.53.1.0/26', '172.19.0.3'),
      route('10.53.2.7/32', '172.19.0.4'),
    ];
    expect(await run(routes(wish))).toEqual(['10.53.1.0/26 via 172.19.0.3', '10.53.2.7/32 via 172.19.0.4']);
    expect(await run(routes([route('10.53.1.0/26', '172.19.0.9')]))).toEqual([
      '10.53.1.0/26 via 172.19.0.3 → 172.19.0.9',
      '10.53.2.7/32 via 172.19.0.4',
    ]);
    expect(await run(routes())).toHaveLength(1);
    expect(ip('-n', NAMESPACE, 'route', 'show')).toBe(found);
    await expect(run(routes([route('10.53.9.0/26', '172.19.0.2')]))).rejects.toThrow('to blackhole (protocol bird)');
  });

  test('a bridge that is away takes its routes with it; they come back with it, and not before', async () => {
    const step = routes([route('10.53.1.0/26', '172.19.0.3')]);
    await run(step);
    ip('-n', NAMESPACE, 'link', 'delete', 'br0');
    await expect(run(step)).rejects.toMatchObject({ code: 'HOST.GATEWAY' });
    ip('-n', NAMESPACE, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', NAMESPACE, 'address', 'add', '172.19.0.1/16', 'dev', 'br0');
    ip('-n', NAMESPACE, 'link', 'set', 'br0', 'up');
    expect(await run(step)).toHaveLength(1);
  });

  test('a route that somebody added since we looked is not overwritten', async () => {
    const step = routes([route('10.53.1.0/26', '172.19.0.3')]);
    const { changes } = reconcile(step, await step.read(ctx, new Set(step.want.keys())), new Map());
    ip('-n', NAMESPACE, 'route', 'add', '10.53.1.0/26', 'via', '172.19.0.9');
    await expect(step.write(ctx, changes)).rejects.toMatchObject({ code: 'HOST.ROUTES' });
    expect(ip('-n', NAMESPACE, 'route', 'show', '10.53.1.0/26')).toContain('via 172.19.0.9');
  });

  test('five thousand routes are one batch', async () => {
    const wish = Array.from({ length: 5000 }, (_, n) =>
      route(`10.53.${n >> 5}.${(n & 31) << 3}/29`, `172.19.${n & 7}.2`),
    );
    expect(await run(routes(wish))).toHaveLength(5000);
    expect(await run(routes())).toHaveLength(5000);
  });
});

describe.each([
  ['nft', undefined],
  ['legacy', 'legacy'],
] as const)('docker.forwarding in iptables-%s', (name, flavour) => {
  const place = {
    host: 'vm',
    cluster: 'cpaas1',
    uplink: 'up0',
    bridge: 'br0',
    nodes: '172.19.0.0/16',
    ...(flavour ? { flavour } : {}),
  };
  const iptables = (rule: string) => inside(`iptables-${name}`, '-w', '5', ...rule.split(' '));
  const saved = () =>
    inside(`iptables-${name}-save`)
      .split('\n')
      .filter((line) => /^[*-]/.test(line))
      .sort();
  const step = (wish: Parameters<typeof dockerForwarding>[1] = forwardRouter(place, '10.10.2.20')) =>
    dockerForwarding(place, wish);

  beforeEach(() => {
    iptables('-N DOCKER-USER');
    iptables('-A FORWARD -j DOCKER-USER');
    iptables('-A DOCKER-USER -j RETURN');
    iptables('-t nat -A POSTROUTING -s 172.19.0.0/16 ! -o br0 -j MASQUERADE');
    iptables('-t raw -A PREROUTING -d 172.19.0.3/32 ! -i br0 -j DROP');
  });

  test('rules come before Docker’s own, come before them again, and go', async () => {
    const found = saved();
    const wish = [...forwardRouter(place, '10.10.2.20'), ...forwardSource(place, '10.20.0.0/24')];
    expect(await run(step(wish))).toHaveLength(5);
    expect(await run(step(wish))).toEqual([]);
    iptables('-t nat -D POSTROUTING -s 172.19.0.0/16 ! -o br0 -j MASQUERADE');
    iptables('-t nat -I POSTROUTING -s 172.19.0.0/16 ! -o br0 -j MASQUERADE');
    expect(await run(step(wish))).toEqual([
      'keep node addresses towards 10.10.2.20 (nat): moved before the rule that takes its packets',
    ]);
    iptables('-t raw -F PREROUTING');
    expect(await run(step(wish))).toEqual(['accept 10.10.2.20 (raw)', 'accept 10.20.0.0/24 (raw)']);
    iptables('-t raw -A PREROUTING -d 172.19.0.3/32 ! -i br0 -j DROP');
    expect(await run(step([]))).toHaveLength(5);
    expect(saved()).toEqual(found);
  });

  test('rules made by hand, as the articles say, are left', async () => {
    iptables('-I DOCKER-USER -i up0 -o br0 -s 10.10.2.20 -j ACCEPT');
    iptables('-t raw -I PREROUTING -i up0 -s 10.10.2.20 -d 172.19.0.0/16 -j ACCEPT');
    iptables('-t nat -I POSTROUTING -s 172.19.0.0/16 -d 10.10.2.20 -j ACCEPT');
    const found = saved();
    expect(await run(step())).toEqual([]);
    expect(saved()).toEqual(found);
  });

  test('a chain of Docker’s that is not there is named', async () => {
    iptables('-F FORWARD');
    iptables('-F DOCKER-USER');
    iptables('-X DOCKER-USER');
    await expect(run(step())).rejects.toMatchObject({ code: 'DOCKER.CHAIN' });
  });

  test('the machine tells in which flavour Docker is', async () => {
    const network = await new Facts(ctx).get(vmNetwork('vm', { router: '10.10.2.20', nodes: '172.19.0.0/16' }));
    expect(network).toEqual({
      uplink: 'up0',
      gateway: '10.10.2.10',
      bridge: 'br0',
      docker: true,
      ...(flavour ? { flavour } : {}),
    });
  });
});

test('host.sysctl sets what the kernel of the namespace has', async () => {
  inside('sysctl', '-q', '-w', 'net.ipv4.ip_forward=0');
  const step = hostSysctl({ host: 'vm', cluster: 'cpaas1' }, [['net.ipv4.ip_forward', '1']]);
  expect(await run(step)).toEqual(['net.ipv4.ip_forward 0 → 1']);
  expect(inside('cat', '/proc/sys/net/ipv4/ip_forward')).toBe('1\n');
});
