import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { calicoResources } from '../../../../src/lab/calico/kinds.ts';
import { CORE_KINDS } from '../../../../src/lab/kube/core-kinds.ts';
import { createRegistry } from '../../../../src/lab/kube/objects/registry.ts';
import type { Resource } from '../../../../src/lab/kube/objects/resource.ts';
import { ApiError } from '../../../../src/lab/kube/objects/status.ts';
import { Store } from '../../../../src/lab/kube/objects/store.ts';

const kinds = [...CORE_KINDS, ...calicoResources('v3')];

function place(plural: string, group = '', namespace?: string) {
  const resource = kinds.find((kind): kind is Resource => kind.plural === plural && kind.group === group);
  if (resource === undefined) throw new Error(`no kind ${plural}`);
  return { resource, ...(namespace !== undefined && { namespace }) };
}
const namespaces = place('namespaces');
const crdPeers = place('bgppeers', 'crd.projectcalico.org');
const v3Peers = place('bgppeers', 'projectcalico.org');
const peer = (spec: object = { peerIP: '10.0.0.1', asNumber: 64512 }) => ({ metadata: { name: 'bigip1' }, spec });

/** Code and message of the refusal. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ApiError) return `${error.status.code} ${error.status.message}`;
    throw error;
  }
  return 'accepted';
}

test('an object is told apart by its name, and exists only in a namespace that does', () => {
  const registry = createRegistry(new Store());
  const pods = place('pods', '', 'demo');
  const pod = { metadata: { name: 'web' }, spec: { containers: [{ name: 'web', image: 'x' }] } };
  expect(refusal(() => registry.create(pods, pod))).toBe('404 namespaces "demo" not found');
  registry.create(namespaces, { metadata: { name: 'demo' } });
  registry.create(pods, pod);
  expect(refusal(() => registry.create(pods, pod))).toBe('409 pods "web" already exists');
  registry.remove(namespaces, 'demo');
  expect(refusal(() => registry.get(pods, 'web'))).toBe('404 pods "web" not found');
});

test('an update of an old version is refused', () => {
  const registry = createRegistry(new Store());
  const first = registry.create(crdPeers, peer());
  registry.update(crdPeers, 'bigip1', { ...first, spec: { peerIP: '10.0.0.2' } });
  expect(refusal(() => registry.update(crdPeers, 'bigip1', first))).toBe(
    '409 Operation cannot be fulfilled on bgppeers.crd.projectcalico.org "bigip1": the object has been modified; please apply your changes to the latest version and try again',
  );
});

test('a custom resource is not updated without a version', () => {
  const registry = createRegistry(new Store());
  registry.create(crdPeers, peer());
  expect(refusal(() => registry.update(crdPeers, 'bigip1', peer()))).toContain(
    'metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  );
});

test('an update that changes nothing is none', () => {
  const registry = createRegistry(new Store());
  const made = registry.create(crdPeers, peer());
  expect(registry.update(crdPeers, 'bigip1', made).metadata.resourceVersion).toBe(made.metadata.resourceVersion);
});

test('a raw write passes what Calico would refuse, and loses what the CRD does not know', () => {
  const registry = createRegistry(new Store());
  const made = registry.create(crdPeers, peer({ peerIP: 'nowhere', hat: 1 }));
  expect(made['spec']).toEqual({ peerIP: 'nowhere' });
  expect(refusal(() => registry.update(crdPeers, 'bigip1', { ...made, spec: { asNumber: 'x' } }))).toContain(
    'must be of type integer: "string"',
  );
});

test("a v3 write is Calico's: checked, with its defaults, stored as the CRD", () => {
  const registry = createRegistry(new Store());
  expect(refusal(() => registry.create(v3Peers, peer({ peerIP: 'nowhere' })))).toBe(
    '422 BGPPeer "bigip1" is invalid: PeerIP: Invalid value: "nowhere": Reason: failed to validate Field: PeerIP because of Tag: IP:port ',
  );
  registry.create(v3Peers, {
    ...peer({ peerIP: '10.0.0.1', asNumber: '64512' }),
    metadata: { name: 'bigip1', labels: { a: 'b' } },
  });
  const stored = registry.get(crdPeers, 'bigip1');
  expect(stored['spec']).toEqual({ peerIP: '10.0.0.1', asNumber: 64512 });
  expect([stored.metadata.labels, registry.get(v3Peers, 'bigip1').metadata.labels]).toEqual([undefined, { a: 'b' }]);
});

test('status is written on its own, and nothing else is then', () => {
  const registry = createRegistry(new Store());
  const nodes = place('nodes');
  const made = registry.create(nodes, { metadata: { name: 'n1' }, spec: { podCIDR: 'x' } });
  registry.update(nodes, 'n1', { ...made, spec: {}, status: { phase: 'up' } }, 'status');
  const after = registry.get(nodes, 'n1');
  expect([after['spec'], after['status']]).toEqual([{ podCIDR: 'x' }, { phase: 'up' }]);
  registry.update(nodes, 'n1', { ...after, status: { phase: 'down' } });
  expect(registry.get(nodes, 'n1')['status']).toEqual({ phase: 'up' });
});

test('generation counts changes of the spec, not of the rest', () => {
  const registry = createRegistry(new Store());
  const made = registry.create(crdPeers, peer());
  const labelled = registry.update(crdPeers, 'bigip1', { ...made, metadata: { ...made.metadata, labels: { a: 'b' } } });
  const changed = registry.update(crdPeers, 'bigip1', { ...labelled, spec: { peerIP: '10.0.0.2' } });
  expect([made, labelled, changed].map(({ metadata }) => metadata.generation)).toEqual([1, 1, 2]);
});

test('a watch with a selector sees an object come, change and go by its labels', () => {
  const registry = createRegistry(new Store());
  const seen: string[] = [];
  const since = registry.revision();
  registry.watch(
    crdPeers,
    since,
    ({ metadata }) => metadata.labels?.['on'] === 'yes',
    ({ type }) => seen.push(type),
  );
  const label = (on: string) => ({
    type: 'application/merge-patch+json',
    body: { metadata: { labels: { on } } },
    inspect: () => {},
  });
  registry.create(crdPeers, peer());
  registry.patch(crdPeers, 'bigip1', label('yes'));
  registry.patch(crdPeers, 'bigip1', { ...label('yes'), body: { spec: { peerIP: '10.0.0.2' } } });
  registry.patch(crdPeers, 'bigip1', label('no'));
  registry.remove(crdPeers, 'bigip1');
  expect(seen).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
});

test('a strategic merge patch of a custom resource is refused, with what is taken', () => {
  const registry = createRegistry(new Store());
  registry.create(crdPeers, peer());
  const patch = { type: 'application/strategic-merge-patch+json', body: {}, inspect: () => {} };
  expect(refusal(() => registry.patch(crdPeers, 'bigip1', patch))).toBe(
    '415 the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
  );
});

test('a deletion that names another UID is refused', () => {
  const registry = createRegistry(new Store());
  registry.create(crdPeers, peer());
  expect(refusal(() => registry.remove(crdPeers, 'bigip1', { uid: 'other' }))).toContain(
    '409 Operation cannot be fulfilled',
  );
});

test('a restart keeps objects and their versions; a watch from before has to begin anew', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cpaas-store-'));
  const file = join(folder, 'objects.json');
  const store = new Store(file);
  const made = createRegistry(store).create(crdPeers, peer());
  store.flush();
  const again = createRegistry(new Store(file));
  expect(again.get(crdPeers, 'bigip1')).toEqual(made);
  expect(
    refusal(() =>
      again.watch(
        crdPeers,
        1,
        () => true,
        () => {},
      ),
    ),
  ).toContain('410 too old resource version: 1');
  rmSync(folder, { recursive: true });
});

test.for(['Big', 'a_b', '-a', 'a'.repeat(254)])('%s is no name', (name) => {
  expect(refusal(() => createRegistry(new Store()).create(crdPeers, { metadata: { name } }))).toContain(
    'a lowercase RFC 1123 subdomain',
  );
});
