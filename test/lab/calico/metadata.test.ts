import { expect, test } from 'vitest';
import { convertUid, fromCrd, toCrd } from '../../../src/lab/calico/metadata.ts';
import type { KubeObject } from '../../../src/lab/kube/objects/object.ts';
import { capture, withCaptures } from '../../helpers/captures.ts';

const peer: KubeObject = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'BGPPeer',
  metadata: {
    name: 'bigip1',
    uid: '67805697-0174-4ecd-a987-945806a87e0d',
    resourceVersion: '7',
    creationTimestamp: '2026-11-22T23:02:10Z',
    labels: { 'app.kubernetes.io/managed-by': 'cpaas' },
    annotations: { note: 'x' },
  },
  spec: { peerIP: '10.0.0.1', asNumber: 64512 },
};

test('labels and annotations of a v3 object live in an annotation of its CRD object', () => {
  const { metadata } = toCrd(peer);
  expect(metadata.labels).toBeUndefined();
  expect(metadata.annotations).toEqual({
    'projectcalico.org/metadata':
      '{"creationTimestamp":"2026-11-22T23:02:10Z","labels":{"app.kubernetes.io/managed-by":"cpaas"},"annotations":{"note":"x"}}',
  });
});

test("labels that are Calico's own stand on both", () => {
  const owned = { ...peer, metadata: { ...peer.metadata, labels: { 'projectcalico.org/x': 'y' } } };
  expect(toCrd(owned).metadata.labels).toEqual({ 'projectcalico.org/x': 'y' });
});

test('a v3 object comes back from its CRD object as it was', () => {
  expect(fromCrd(toCrd(peer))).toEqual(peer);
});

test('an object that kubectl wrote raw shows the labels it has', () => {
  const raw = { ...peer, apiVersion: 'crd.projectcalico.org/v1', metadata: { name: 'raw', labels: { a: 'b' } } };
  expect(fromCrd(raw).metadata).toEqual({ name: 'raw', labels: { a: 'b' }, creationTimestamp: null });
});

test('the two APIs show different UIDs of one object, each made from the other', () => {
  const v3 = 'f08f6167-4ddf-40bb-b16e-773861f1775f';
  expect([convertUid(v3), convertUid(convertUid(v3))]).toEqual(['0ff186e6-b2fb-40dd-b176-ee1c868feefa', v3]);
});

withCaptures('a real BGPPeer is read as the real calicoctl prints it', () => {
  const crd = JSON.parse(capture('bgppeers.json')).items[0] as KubeObject;
  const { metadata, spec } = fromCrd(crd);
  expect(capture('calicoctl_get_bgppeer_o_yaml.txt')).toContain(metadata.uid);
  expect([metadata.name, metadata.labels, spec]).toEqual([
    'rtr-ibgp',
    undefined,
    { asNumber: 64512, peerIP: '172.28.0.254' },
  ]);
});
