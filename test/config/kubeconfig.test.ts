import { expect, test } from 'vitest';
import { kubeconfigPath } from '../../src/config/kubeconfig.ts';
import { parseCluster } from '../../src/config/load.ts';

const path = (existing: string, env: Record<string, string>) =>
  kubeconfigPath(
    parseCluster(
      `apiVersion: cpaas.dev/v1alpha1\nkind: Cluster\nmetadata: { name: test }\nspec: { provider: { existing: ${existing} }, network: { nodes: 10.1.20.0/24, pods: 10.42.0.0/16, services: 10.43.0.0/16 }, routers: [{ name: a, address: 10.1.20.11, bigip: { ssh: { host: 192.0.2.1 } } }] }\n`,
      'f',
    ),
    env,
  );

test.for([
  ['{ kubeconfig: /etc/kube }', { KUBECONFIG: '/other', HOME: '/home/u' }, '/etc/kube'],
  ['{ kubeconfig: ~/kube }', { HOME: '/home/u' }, '/home/u/kube'],
  ['{}', { KUBECONFIG: '/other', HOME: '/home/u' }, '/other'],
  ['{}', { KUBECONFIG: ':/other:', HOME: '/home/u' }, '/other'],
  ['{}', { KUBECONFIG: '', HOME: '/home/u' }, '/home/u/.kube/config'],
] as const)('existing: %s with %j is reached by %s', ([existing, env, expected]) => {
  expect(path(existing, env)).toBe(expected);
});

test('a list of files is refused with what it names, and no HOME is no folder', () => {
  expect(() => path('{}', { KUBECONFIG: '/a:/b' })).toThrow(
    expect.objectContaining({
      code: 'CONFIG.KUBECONFIG',
      evidence: [
        { label: 'names', text: '/a' },
        { label: 'names', text: '/b' },
      ],
    }),
  );
  expect(() => path('{}', {})).toThrow(expect.objectContaining({ code: 'CONFIG.KUBECONFIG' }));
});
