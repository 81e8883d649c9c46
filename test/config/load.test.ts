import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadCluster, parseCluster } from '../../src/config/load.ts';
import { formatProblem, type Problem } from '../../src/config/problems.ts';

const HEAD = 'apiVersion: cpaas.dev/v1alpha1\nkind: Cluster\nmetadata: { name: test }\n';
const BIGIP1 = '{ name: bigip1, address: 10.10.2.20 }';

/** A file whose spec is one line of YAML. */
const file = (spec: string) => `${HEAD}spec: { ${spec} }\n`;

function warningsOf(spec: string): readonly string[] {
  const heard: Problem[] = [];
  parseCluster(file(spec), 'f', (problem) => heard.push(problem));
  return heard.map(({ path, message }) => `${path}: ${message}`);
}

test('a short file is filled with defaults', () => {
  expect(parseCluster(file(`provider: { lab: {} }, routers: [${BIGIP1}]`), 'f')).toMatchInlineSnapshot(`
    {
      "apiVersion": "cpaas.dev/v1alpha1",
      "kind": "Cluster",
      "metadata": {
        "name": "test",
      },
      "spec": {
        "artifacts": {},
        "bgp": {
          "asNumber": 64512,
          "gracefulRestartTime": 120,
          "logSeverity": "Info",
          "nodeToNodeMesh": true,
        },
        "calico": {
          "blockSize": 26,
          "encapsulation": "None",
          "natOutgoing": true,
          "version": "v3.31.7",
        },
        "host": {
          "calicoctlConfig": false,
          "grow": false,
          "packages": [],
          "prepare": false,
          "repositories": {},
          "ufw": "allow",
        },
        "network": {
          "nodes": "172.19.0.0/16",
          "pods": "10.53.0.0/16",
          "services": "10.43.0.0/16",
        },
        "provider": {
          "lab": {
            "agents": 3,
            "calicoApi": "crd",
            "docker": "28.2",
            "servers": 1,
            "switches": {},
            "topology": "vm",
          },
        },
        "routers": [
          {
            "address": "10.10.2.20",
            "bigip": {
              "logNeighborChanges": false,
              "peerGroup": "calico-k8s",
              "revertAfter": 120,
              "routeDomain": 0,
              "selfIp": "internal",
            },
            "name": "bigip1",
            "peers": [],
            "session": {
              "accept": "all",
              "announce": "all",
            },
            "sources": [],
          },
        ],
        "routes": {
          "persist": "none",
        },
        "tools": {
          "folder": "/usr/local/bin",
        },
      },
    }
  `);
});

test.each([
  ['provider: { k3d: {} }', { nodes: '172.19.0.0/16', pods: '10.53.0.0/16', services: '10.43.0.0/16' }],
  [
    'provider: { lab: { topology: flat } }',
    { nodes: '10.1.20.0/24', pods: '192.168.0.0/16', services: '10.96.0.0/12' },
  ],
  [
    'provider: { lab: {} }, network: { pods: 10.60.0.0/16 }',
    { nodes: '172.19.0.0/16', pods: '10.60.0.0/16', services: '10.43.0.0/16' },
  ],
  [
    'provider: { kubeadm: { hosts: [{ name: a, role: control-plane, ssh: { host: a } }] } }, network: { nodes: 10.9.0.0/24 }',
    { nodes: '10.9.0.0/24', pods: '192.168.0.0/16', services: '10.96.0.0/12' },
  ],
])('%s has its own networks', (spec, network) => {
  expect(parseCluster(file(spec), 'f').spec.network).toEqual(network);
});

test('AS numbers are numbers however they are written', () => {
  const spec = `provider: { lab: {} }, bgp: { asNumber: "64512" }, routers: [{ name: b, address: 10.10.2.20, asNumber: "1.10" }]`;
  const { bgp, routers } = parseCluster(file(spec), 'f').spec;
  expect([bgp.asNumber, routers[0]?.asNumber]).toEqual([64512, 65546]);
});

test('aliases are followed, also for positions', () => {
  const text = `${HEAD}spec:\n  provider: { lab: {} }\n  routers:\n    - &unit { name: bigip1, address: 10.10 .2.20 }\n    - *unit\n`;
  expect(() => parseCluster(text, 'f')).toThrow(
    expect.objectContaining({ problems: expect.arrayContaining([expect.objectContaining({ line: 7, column: 38 })]) }),
  );
});

test('Windows line ends and a byte order mark change nothing', async () => {
  const spec = `provider: { lab: {} }, routers: [${BIGIP1}]`;
  expect(parseCluster(`\uFEFF${file(spec).replaceAll('\n', '\r\n')}`, 'f')).toEqual(parseCluster(file(spec), 'f'));
});

test('a message never carries control sequences of the file to the terminal', () => {
  const text = `${HEAD}spec: { provider: { lab: { topology: "\\e[2Jvm" } }, "\\e[31mx": 1 }\n`;
  try {
    parseCluster(text, 'f');
    expect.unreachable();
  } catch (error) {
    const { problems } = error as { readonly problems: readonly Problem[] };
    expect(problems).toHaveLength(2);
    for (const problem of problems) expect(formatProblem('f', problem)).not.toMatch(/\p{Cc}/u);
  }
});

test.each([
  ['brackets without end', `a: ${'['.repeat(20_000)}`, 'is nested too deeply to be meant'],
  [
    'aliases without end',
    `a: &a 1\n${Array.from({ length: 101 }, (_, i) => `k${i}: *a`).join('\n')}`,
    'more than 100 aliases',
  ],
])('%s are refused', (_, text, message) => {
  expect(() => parseCluster(text, 'f')).toThrow(
    expect.objectContaining({
      problems: expect.arrayContaining([expect.objectContaining({ message: expect.stringContaining(message) })]),
    }),
  );
});

describe('allowed, but probably not meant', () => {
  test.each([
    [
      `provider: { lab: {} }, bgp: { nodeToNodeMesh: false }, routers: [${BIGIP1}]`,
      'nodes learn no pod blocks of each other',
    ],
    ['provider: { lab: {} }', 'nothing will peer with the nodes'],
    [
      'provider: { lab: {} }, routers: [{ name: a, address: 10.10.2.20, peers: [b] }, { name: b, address: 10.10.2.21 }]',
      'spec.routers[0].peers[0]: b does not have a among its peers',
    ],
    [`provider: { lab: {} }, bgp: { asNumber: 23456 }, routers: [${BIGIP1}]`, 'AS 23456 is reserved'],
    ['provider: { k3d: { servers: 2 } }', '2 servers survive no more losses than 1'],
    [
      'provider: { k3d: {} }, network: { nodes: 172.16.0.0/12 }',
      "172.17.0.0/16, which Docker's own bridge usually has",
    ],
    ['provider: { k3d: {} }, calico: { encapsulation: VXLAN }', 'the bird backend'],
    ['provider: { lab: { topology: flat, vm: 10.1.20.9 } }', 'a flat lab has no VM'],
    ['provider: { lab: { topology: flat } }, network: { gateway: 10.1.20.9 }', 'routers reach the nodes directly'],
    ['provider: { lab: { topology: flat } }, routes: { persist: boot }', 'there are no host routes'],
    ['provider: { lab: { topology: vm } }, routes: { persist: boot }', 'a lab is gone when its machine starts again'],
  ])('%s', (spec, message) => {
    expect(warningsOf(spec)).toContainEqual(expect.stringContaining(message));
  });

  test('a usual file has no warnings', () => {
    expect(warningsOf(`provider: { lab: {} }, routers: [${BIGIP1}]`)).toEqual([]);
  });
});

describe('from disk', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cpaas-config-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const written = async (content: string | Buffer) => {
    const path = join(folder, 'cpaas.yaml');
    await writeFile(path, content);
    return path;
  };

  test('a file is read', async () => {
    const cluster = await loadCluster(await written(file(`provider: { lab: {} }, routers: [${BIGIP1}]`)));
    expect(cluster.metadata.name).toBe('test');
  });

  test('a missing file leads to cpaas init', async () => {
    await expect(loadCluster(join(folder, 'nope.yaml'))).rejects.toMatchObject({
      code: 'CONFIG.MISSING',
      next: expect.arrayContaining([expect.objectContaining({ command: 'cpaas init' })]),
    });
  });

  test('a folder cannot be read', async () => {
    await expect(loadCluster(folder)).rejects.toMatchObject({
      code: 'CONFIG.UNREADABLE',
      message: `${folder} cannot be read: it is a folder`,
    });
  });

  test.each([
    ['Latin-1', Buffer.from(`${HEAD}# f\xfcr\n`, 'latin1'), { line: 4, column: 4 }],
    ['UTF-16', Buffer.from(`\uFEFF${HEAD}`, 'utf16le'), { line: 1, column: 1 }],
    ['a NUL byte', Buffer.from(`${HEAD}spec: \0\n`), { line: 4, column: 7 }],
    ['more than 256 KiB', Buffer.alloc(256 * 1024 + 1, '#'), { line: 1, column: 1 }],
  ])('%s is no cluster file', async (_, content, place) => {
    await expect(loadCluster(await written(content))).rejects.toMatchObject({
      code: 'CONFIG.INVALID',
      problems: [place],
    });
  });
});
