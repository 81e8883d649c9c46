import { readdirSync, readFileSync } from 'node:fs';
import { load as parse } from 'js-yaml';
import { expect, test } from 'vitest';
import { isExternal, labNodes, labVmAddress, peersOf, routersLan } from '../../src/config/defaults.ts';
import { loadCluster } from '../../src/config/load.ts';

const load = (name: string) =>
  loadCluster(`examples/${name}`, ({ message }) => expect.unreachable(`${name}: ${message}`));

/** The article calls its cluster so. */
const ARTICLE: Readonly<Record<string, string>> = { 'k3d-bigip.yaml': 'cpaas1', 'k3d-bigip-bare.yaml': 'cpaas1' };

test.each(readdirSync('examples').filter((name) => name.endsWith('.yaml')))(
  '%s is sound and named like its file',
  async (name) => {
    expect((await load(name)).metadata.name).toBe(ARTICLE[name] ?? name.replace('.yaml', ''));
  },
);

test('lab-vm is the network of the first article', async () => {
  const cluster = await load('lab-vm.yaml');
  expect(routersLan(cluster)).toBe('10.10.2.0/24');
  expect(labVmAddress(cluster)).toBe('10.10.2.10');
  expect(labNodes(cluster).map(({ name, address }) => `${name} ${address}`)).toEqual([
    'server-0 172.19.0.2',
    'agent-0 172.19.0.3',
    'agent-1 172.19.0.4',
    'agent-2 172.19.0.5',
  ]);
});

test('lab-flat is the network of the second article', async () => {
  const cluster = await load('lab-flat.yaml');
  expect(routersLan(cluster)).toBe('10.1.20.0/24');
  expect(labVmAddress(cluster)).toBeUndefined();
  expect(labNodes(cluster).map(({ address }) => address)).toEqual(['10.1.20.20', '10.1.20.21']);
  expect(cluster.spec.routers.map((router) => peersOf(cluster, router).map(({ name }) => name))).toEqual([
    ['bigip2'],
    ['bigip1'],
  ]);
});

test('lab-ebgp has its router in another AS', async () => {
  const cluster = await load('lab-ebgp.yaml');
  expect(cluster.spec.routers.map((router) => isExternal(cluster, router))).toEqual([true]);
});

test.each(['k3d-bigip.yaml', 'k3d-bigip-bare.yaml'])(
  'every setting of %s is explained to who reads the manual',
  async (name) => {
    const manual = readFileSync('docs/workstation.md', 'utf8');
    const file = parse(readFileSync(`examples/${name}`, 'utf8')) as { spec: unknown };
    expect(settingsIn(file.spec).filter((key) => !manual.includes(key))).toEqual([]);
  },
);

/** The names of settings, those within others too. */
function settingsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(settingsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...settingsIn(inner)]);
}
