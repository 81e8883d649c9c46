import { expect, test } from 'vitest';
import { parseCluster } from '../../src/config/load.ts';
import { InvalidClusterFile } from '../../src/config/problems.ts';

type Router = Record<string, unknown> & { bigip: Record<string, unknown> };
interface File {
  metadata: Record<string, unknown>;
  spec: { network: Record<string, unknown>; routers: [Router] };
}

const file = (): File => ({
  metadata: { name: 'site1' },
  spec: {
    network: { nodes: '172.19.0.0/16', pods: '10.53.0.0/16', services: '10.43.0.0/16' },
    routers: [{ name: 'bigip1', address: '10.10.2.20', bigip: {} }],
  },
});

/** What the checks say of a file with one thing changed; nothing when they take it. */
function problems(change: (file: File) => void): readonly string[] {
  const changed = file();
  change(changed);
  const { metadata, spec } = changed;
  const text = JSON.stringify({
    apiVersion: 'cpaas.dev/v1alpha1',
    kind: 'Cluster',
    metadata,
    spec: { provider: { lab: {} }, ...spec },
  });
  try {
    parseCluster(text, 'cpaas.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof InvalidClusterFile)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

const HOSTILE = [
  'x; reboot',
  '$(reboot)',
  '`reboot`',
  "x' -oProxyCommand=reboot",
  '-x',
  'x\nno router bgp 64512',
  '\u001b[2J',
  '../../etc',
  'x y',
];

test('without them the file is taken', () => {
  expect(problems(() => {})).toEqual([]);
});

test.each(
  HOSTILE.flatMap((text) => [
    [text, 'metadata.name', (each: File) => Object.assign(each.metadata, { name: text })] as const,
    [text, 'spec.network.pods', (each: File) => Object.assign(each.spec.network, { pods: text })] as const,
    [text, 'spec.network.gateway', (each: File) => Object.assign(each.spec.network, { gateway: text })] as const,
    [text, 'spec.routers[0].name', (each: File) => Object.assign(each.spec.routers[0], { name: text })] as const,
    [text, 'spec.routers[0].address', (each: File) => Object.assign(each.spec.routers[0], { address: text })] as const,
    [
      text,
      'spec.routers[0].sources[0]',
      (each: File) => Object.assign(each.spec.routers[0], { sources: [text] }),
    ] as const,
    [
      text,
      'spec.routers[0].bigip.peerGroup',
      (each: File) => Object.assign(each.spec.routers[0].bigip, { peerGroup: text }),
    ] as const,
    [
      text,
      'spec.routers[0].bigip.selfIp',
      (each: File) => Object.assign(each.spec.routers[0].bigip, { selfIp: text }),
    ] as const,
  ]),
)('%j as %s is refused with its place', (_, path, change) => {
  expect(problems(change).some((problem) => problem.startsWith(path))).toBe(true);
});

test.each(
  HOSTILE.filter((text) => text !== '../../etc').flatMap((text) => [
    ['host', { host: text, user: 'root' }] as const,
    ['user', { host: '10.10.2.20', user: text }] as const,
    ['proxyJump', { host: '10.10.2.20', user: 'root', proxyJump: text }] as const,
  ]),
)('as %s of a login no text is taken that a ProxyCommand would hand to a shell: %j', (field, ssh) => {
  const found = problems((each) => Object.assign(each.spec.routers[0].bigip, { ssh }));
  expect(found.some((problem) => problem.startsWith(`spec.routers[0].bigip.ssh.${field}`))).toBe(true);
});

test('usual names of hosts, users and jumps are taken', () => {
  const ssh = { host: 'bigip-1.example.com', user: 'DOM_x.y+z', proxyJump: 'admin@jump1:2222,[fd00::1]:22' };
  expect(problems((each) => Object.assign(each.spec.routers[0].bigip, { ssh }))).toEqual([]);
});

test('a password in the file is refused, and not repeated', () => {
  const ssh = { host: '10.10.2.20', user: 'root', password: 'hunter2' };
  const found = problems((each) => Object.assign(each.spec.routers[0].bigip, { ssh }));
  expect(found).toHaveLength(1);
  expect(found.join()).not.toContain('hunter2');
});
