import { expect, test } from 'vitest';
import { Facts } from '../../../src/core/facts.ts';
import { calicoBackend } from '../../../src/facts/cluster/calico-backend.ts';
import { capture, withCaptures } from '../../helpers/captures.ts';
import { fakeContext } from '../../helpers/fake-host.ts';

const access = { host: 'vm', kubeconfig: '/run/kubeconfig' };
const NAME = 'CALICO_NETWORKING_BACKEND';
const CONFIG = { name: NAME, valueFrom: { configMapKeyRef: { name: 'calico-config', key: 'calico_backend' } } };

/** Pods of calico-node with this environment, and what kubectl says when it is asked for their ConfigMap. */
const read = (items: readonly unknown[], configMap = '') => {
  const asked: string[] = [];
  const kubectl = (args: readonly string[]) => {
    asked.push(args.slice(args.indexOf('get')).join(' '));
    return args.includes('configmaps') ? configMap : JSON.stringify({ items });
  };
  const facts = new Facts(fakeContext({ vm: { name: 'vm', programs: { kubectl } } }));
  return { asked, backend: facts.get(calicoBackend(access)) };
};
const pod = (...env: readonly object[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'calico-node-x', namespace: 'calico-system' },
  spec: {
    containers: [
      { name: 'sidecar', env: [{ name: NAME, value: 'x' }] },
      { name: 'calico-node', env },
    ],
  },
});
const data = (calico_backend: string) => JSON.stringify({ data: { calico_backend } });

test.each([
  ['the operator’s own value', [pod({ name: NAME, value: 'none' })], '', 'none'],
  ['the value of the manifest’s ConfigMap', [pod(CONFIG)], data('vxlan'), 'vxlan'],
  ['bird where the ConfigMap is gone', [pod(CONFIG)], '', 'bird'],
  ['bird where nobody says anything', [pod({ name: 'IP', value: 'autodetect' })], '', 'bird'],
  ['nothing without calico-node', [], '', undefined],
])('is %s', async (_, items, configMap, backend) => {
  expect(await read(items, configMap).backend).toBe(backend);
});

test('a name that is an option is not handed to kubectl', async () => {
  const [from] = [{ configMapKeyRef: { name: '--as=admin', key: 'x' } }];
  const { asked, backend } = read([pod({ name: NAME, valueFrom: from })]);
  await expect(backend).rejects.toMatchObject({ code: 'KUBE.ANSWER' });
  expect(asked).toHaveLength(1);
});

withCaptures('a real cluster from the manifest leads to its ConfigMap', async () => {
  const { items } = JSON.parse(capture('pods.json')) as { items: { metadata: { labels?: Record<string, string> } }[] };
  const nodes = items.filter(({ metadata }) => metadata.labels?.['k8s-app'] === 'calico-node');
  const { asked, backend } = read(nodes, data('bird'));
  expect(await backend).toBe('bird');
  expect(asked).toEqual([
    'get pods --all-namespaces -l k8s-app=calico-node -o json',
    'get configmaps calico-config --namespace kube-system --ignore-not-found -o json',
  ]);
});
