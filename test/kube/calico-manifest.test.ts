import { existsSync, readFileSync } from 'node:fs';
import { loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type CalicoSettings, calicoManifest } from '../../src/kube/calico-manifest.ts';

const DATA = '../shared/data/calico';
const present = existsSync(DATA);
if (!present) console.warn(`skipped: ${DATA} is not here, so no published manifest is patched`);
const published = (version: string): string => readFileSync(`${DATA}/${version}/calico.yaml`, 'utf8');

type Json = Record<string, unknown>;
const settings: CalicoSettings = {
  pods: '10.53.0.0/16',
  blockSize: 27,
  encapsulation: 'None',
  natOutgoing: false,
  nodes: '172.19.0.0/16',
};

/** Every leaf of a document by its path. */
function leaves(value: unknown, path = ''): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => leaves(item, `${path}[${nameOf(item) ?? i}]`));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key));
  return [[path, value]];
}

const nameOf = (item: unknown): string | undefined =>
  typeof item === 'object' && item !== null && 'name' in item ? String(item.name) : undefined;

/** What differs between two manifests, a line for each leaf: `-` as published, `+` as patched. */
function difference(before: string, after: string): readonly string[] {
  const [from, to] = [before, after].map((text) => leavesOf(text)) as [Map<string, unknown>, Map<string, unknown>];
  const gone = [...from]
    .filter(([path, value]) => to.get(path) !== value)
    .map(([path, value]) => `- ${path}: ${value}`);
  const come = [...to]
    .filter(([path, value]) => from.get(path) !== value)
    .map(([path, value]) => `+ ${path}: ${value}`);
  return [...gone, ...come].sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1));
}

const objectsIn = (text: string): readonly Json[] => loadAll(text).filter((object) => object !== null) as Json[];
const leavesOf = (text: string) =>
  new Map(
    objectsIn(text).flatMap((object) => {
      const { kind, metadata } = object as { kind: string; metadata: { name: string } };
      return leaves(object, `${kind}/${metadata.name}`);
    }),
  );

const ENV = 'DaemonSet/calico-node.spec.template.spec.containers[calico-node].env';
const theSame = [
  `+ ${ENV}[CALICO_IPV4POOL_BLOCK_SIZE].name: CALICO_IPV4POOL_BLOCK_SIZE`,
  `+ ${ENV}[CALICO_IPV4POOL_BLOCK_SIZE].value: 27`,
  `+ ${ENV}[CALICO_IPV4POOL_CIDR].name: CALICO_IPV4POOL_CIDR`,
  `+ ${ENV}[CALICO_IPV4POOL_CIDR].value: 10.53.0.0/16`,
  `- ${ENV}[CALICO_IPV4POOL_IPIP].value: Always`,
  `+ ${ENV}[CALICO_IPV4POOL_IPIP].value: Never`,
  `+ ${ENV}[CALICO_IPV4POOL_NAT_OUTGOING].name: CALICO_IPV4POOL_NAT_OUTGOING`,
  `+ ${ENV}[CALICO_IPV4POOL_NAT_OUTGOING].value: false`,
  `+ ${ENV}[IP_AUTODETECTION_METHOD].name: IP_AUTODETECTION_METHOD`,
  `+ ${ENV}[IP_AUTODETECTION_METHOD].value: cidr=172.19.0.0/16`,
].sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1));

describe.skipIf(!present).each(['v3.31.7', 'v3.32.1'])('the published manifest of %s', (version) => {
  const original = present ? published(version) : '';

  test('differs in the settings and in nothing else', () => {
    expect(difference(original, calicoManifest(original, settings))).toEqual(theSame);
  });

  test('keeps its objects, in their order', () => {
    const names = (text: string) => objectsIn(text).map(({ kind, metadata }) => [kind, (metadata as Json)['name']]);
    expect(names(calicoManifest(original, settings))).toEqual(names(original));
  });

  test('reads the same in YAML 1.1, which Kubernetes speaks', () => {
    const patched = calicoManifest(original, { ...settings, podForwarding: true, securityfs: false });
    const old = parseAllDocuments(patched, { version: '1.1' }).map((document) =>
      (document as { toJS(): unknown }).toJS(),
    );
    expect(old.filter((object) => object !== null)).toEqual(objectsIn(patched));
  });

  test.each([
    ['IPIP', 'Always', 'Never'],
    ['IPIPCrossSubnet', 'CrossSubnet', 'Never'],
    ['VXLAN', 'Never', 'Always'],
    ['VXLANCrossSubnet', 'Never', 'CrossSubnet'],
  ] as const)('%s sets both tunnels and leaves BIRD in place', (encapsulation, ipip, vxlan) => {
    const patched = leavesOf(calicoManifest(original, { ...settings, encapsulation }));
    expect([
      patched.get(`${ENV}[CALICO_IPV4POOL_IPIP].value`),
      patched.get(`${ENV}[CALICO_IPV4POOL_VXLAN].value`),
      patched.get('ConfigMap/calico-config.data.calico_backend'),
    ]).toEqual([ipip, vxlan, 'bird']);
  });

  test('pods that may forward get the setting of the CNI plugin; what install-cni fills in stays bare', () => {
    const patched = calicoManifest(original, { ...settings, podForwarding: true });
    const config = 'ConfigMap/calico-config.data.cni_network_config';
    const [before, after] = [original, patched].map((text) => `${leavesOf(text).get(config)}`) as [string, string];
    expect(after).toMatch(/"mtu": __CNI_MTU__,/);
    const json = (text: string): Json => JSON.parse(text.replace('__CNI_MTU__', '1440'));
    const { plugins, ...network } = json(before) as { plugins: Json[] };
    expect(json(after)).toEqual({
      ...network,
      plugins: plugins.map((plugin) =>
        plugin['type'] === 'calico' ? { ...plugin, container_settings: { allow_ip_forwarding: true } } : plugin,
      ),
    });
    expect(difference(original, patched).filter((line) => !line.includes(ENV))).toHaveLength(2);
  });
});

test.skipIf(!present)('where nodes have no securityfs neither its volume nor a mount of it is left', () => {
  const original = published('v3.31.7');
  const patched = calicoManifest(original, { ...settings, securityfs: false });
  expect(difference(original, patched).filter((line) => !line.includes(ENV))).toEqual([
    '- DaemonSet/calico-node.spec.template.spec.containers[calico-node].volumeMounts[sys-kernel-security].mountPath: /sys/kernel/security',
    '- DaemonSet/calico-node.spec.template.spec.containers[calico-node].volumeMounts[sys-kernel-security].name: sys-kernel-security',
    '- DaemonSet/calico-node.spec.template.spec.containers[calico-node].volumeMounts[sys-kernel-security].readOnly: true',
    '- DaemonSet/calico-node.spec.template.spec.volumes[sys-kernel-security].hostPath.path: /sys/kernel/security',
    '- DaemonSet/calico-node.spec.template.spec.volumes[sys-kernel-security].name: sys-kernel-security',
  ]);
  const without = published('v3.32.1');
  expect(calicoManifest(without, { ...settings, securityfs: false })).toBe(calicoManifest(without, settings));
});

/** The least that a manifest of Calico has, with fields of a release that is not there yet. */
const next = {
  config: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'calico-config', labels: { future: 'yes' } },
    data: {
      calico_backend: 'vxlan',
      cni_network_config: '{"plugins":[{"type":"calico","mtu": __CNI_MTU__}],"newer":1}',
    },
    immutable: false,
  },
  daemonSet: {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'calico-node' },
    spec: {
      rolloutV2: { pace: [1, '0777', 'off'] },
      template: {
        spec: {
          sandbox: 'on',
          initContainers: [{ name: 'first', image: 'x' }],
          volumes: [],
          containers: [
            { name: 'sidecar', env: [{ name: 'IP', value: 'mine' }] },
            {
              name: 'calico-node',
              env: [
                { name: 'CALICO_IPV4POOL_CIDR', valueFrom: { secretV2: 'x' } },
                { name: 'CALICO_IPV4POOL_IPIP', value: 'Always', why: 'new' },
                { name: 'CALICO_IPV4POOL_CIDR', value: 'again' },
              ],
            },
          ],
        },
      },
    },
  },
  other: { apiVersion: 'x/v9', kind: 'Unheard', metadata: { name: 'of' }, spec: { deep: [{ a: null }], text: '1e3' } },
};
const manifestOf = (...objects: readonly unknown[]): string =>
  objects.map((each) => JSON.stringify(each)).join('\n---\n');

test('fields and objects that nobody has heard of stay; a variable that comes twice is set once', () => {
  const patched = objectsIn(
    calicoManifest(manifestOf(next.other, next.config, next.daemonSet), { ...settings, podForwarding: true }),
  );
  const [sidecar] = next.daemonSet.spec.template.spec.containers;
  const value = (name: string, value: string) => ({ name, value });
  expect(patched).toEqual([
    next.other,
    {
      ...next.config,
      data: { calico_backend: 'bird', cni_network_config: expect.stringContaining('"newer": 1') },
    },
    {
      ...next.daemonSet,
      spec: {
        ...next.daemonSet.spec,
        template: {
          spec: {
            ...next.daemonSet.spec.template.spec,
            containers: [
              sidecar,
              {
                name: 'calico-node',
                env: [
                  value('CALICO_IPV4POOL_CIDR', '10.53.0.0/16'),
                  value('CALICO_IPV4POOL_IPIP', 'Never'),
                  value('IP', 'autodetect'),
                  value('IP_AUTODETECTION_METHOD', 'cidr=172.19.0.0/16'),
                  value('CALICO_IPV4POOL_BLOCK_SIZE', '27'),
                  value('CALICO_IPV4POOL_VXLAN', 'Never'),
                  value('CALICO_IPV4POOL_NAT_OUTGOING', 'false'),
                ],
              },
            ],
          },
        },
      },
    },
  ]);
});

const without = (path: string): string => {
  const copy = structuredClone(next) as unknown as Json;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const holder = keys.reduce<Json>((at, key) => at[key] as Json, copy);
  delete holder[last];
  return manifestOf(...Object.values(copy));
};

test.each([
  ['config', 'no ConfigMap calico-config'],
  ['config.data', 'no map data'],
  ['config.data.calico_backend', 'no text calico_backend'],
  ['config.data.cni_network_config', 'no text cni_network_config'],
  ['daemonSet', 'no DaemonSet calico-node'],
  ['daemonSet.spec.template', 'no map template'],
  ['daemonSet.spec.template.spec.containers', 'no list containers'],
  ['daemonSet.spec.template.spec.containers.1.name', 'no calico-node in containers'],
  ['daemonSet.spec.template.spec.containers.1.env', 'no list env'],
  ['daemonSet.spec.template.spec.containers.1.env.1.name', 'no CALICO_IPV4POOL_IPIP in env'],
  ['daemonSet.spec.template.spec.volumes', 'no list volumes'],
])('a manifest without %s is refused', (path, message) => {
  expect(() => calicoManifest(without(path), { ...settings, podForwarding: true, securityfs: false })).toThrow(
    expect.objectContaining({ code: 'CALICO.MANIFEST', message: expect.stringContaining(message) }),
  );
});

test.each([
  ['{"plugins":[{"type":"flannel"}]}', 'no plugin calico'],
  ['{"plugins":', 'no JSON of cni_network_config'],
  ['[]', 'no JSON of cni_network_config'],
])('a network configuration %s is refused', (cni_network_config, message) => {
  const config = { ...next.config, data: { ...next.config.data, cni_network_config } };
  expect(() => calicoManifest(manifestOf(config, next.daemonSet), { ...settings, podForwarding: true })).toThrow(
    expect.objectContaining({ code: 'CALICO.MANIFEST', message: expect.stringContaining(message) }),
  );
});

test.each(['', '---\n---\n', '<html>proxy</html>', 'a: [', 'kind: List'])('%j is no manifest', (text) => {
  expect(() => calicoManifest(text, settings)).toThrow(expect.objectContaining({ code: 'KUBE.MANIFEST' }));
});
