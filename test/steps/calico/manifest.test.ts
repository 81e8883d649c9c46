import { loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import {
  type CalicoManifestPlace,
  calicoManifestObjects,
  manifestObjects,
  wantedObjects,
} from '../../../src/steps/calico/manifest.ts';
import { fakeArtifacts } from '../../helpers/fake-artifacts.ts';
import { type FakeMachine, type FakeProgram, fakeContext, Power } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const HOST = 'ssh://root@10.1.20.20';

/** What of a published manifest the settings need, and a little more. */
const published = (image: string) => `
kind: ServiceAccount
apiVersion: v1
metadata: { name: calico-node, namespace: kube-system }
---
kind: ConfigMap
apiVersion: v1
metadata: { name: calico-config, namespace: kube-system }
data: { calico_backend: bird }
---
kind: CustomResourceDefinition
apiVersion: apiextensions.k8s.io/v1
metadata: { name: bgppeers.crd.projectcalico.org }
---
kind: DaemonSet
apiVersion: apps/v1
metadata: { name: calico-node, namespace: kube-system, labels: { k8s-app: calico-node } }
spec:
  template:
    spec:
      containers:
        - name: calico-node
          image: ${image}
          env: [{ name: CALICO_IPV4POOL_IPIP, value: Always }]
`;
const VERSIONS = {
  'calico-manifest 3.31.7 any': published('node:v3.31.7'),
  'calico-manifest 3.31.8 any': published('node:v3.31.8'),
};

const settings = {
  pods: '192.168.0.0/16',
  blockSize: 26,
  encapsulation: 'None',
  natOutgoing: true,
  nodes: '10.1.20.0/24',
} as const;
const place: CalicoManifestPlace = {
  identity: 'uid-1',
  kube: { host: HOST, kubeconfig: '/etc/kubernetes/admin.conf' },
  cluster: 'site1',
  version: 'v3.31.7',
  settings,
};

interface Stored {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
}

/** An API server that stores what kubectl applies. */
class FakeApi {
  readonly objects = new Map<string, Stored>();
  readonly power = new Power();
  readonly machines: Record<string, FakeMachine> = {
    [HOST]: { name: 'master', programs: { kubectl: this.#kubectl() } },
  };
  dump = () => [...this.objects].toSorted();

  store(object: Stored): void {
    this.objects.set(`${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`, object);
  }

  #kubectl(): FakeProgram {
    return (args, stdin) => {
      const [, , , , verb, ...words] = args;
      if (verb === 'get') {
        const kinds = (words[0] ?? '').split(',');
        return [...this.objects.values()]
          .filter(({ kind }) => kinds.includes(kind))
          .map(({ kind, metadata: { namespace = '', name, labels = {}, annotations = {} } }) =>
            [
              kind,
              namespace,
              name,
              annotations['cpaas.dev/digest'] ?? '',
              labels['app.kubernetes.io/managed-by'] ?? '',
              labels['cpaas.dev/cluster'] ?? '',
            ].join('\t'),
          )
          .map((line) => `${line}\n`)
          .join('');
      }
      if (verb === 'apply') {
        if (!args.includes('--server-side')) return { code: 1, stderr: 'error: the annotation would be too long\n' };
        for (const object of loadAll(stdin) as Stored[]) {
          this.power.spend();
          this.store(object);
        }
        return '';
      }
      if (verb !== 'delete') return { code: 1, stderr: `error: unknown command "${verb}"\n` };
      const [kind, name] = words;
      this.power.spend();
      for (const [key, object] of this.objects)
        if (object.kind === kind && object.metadata.name === name) this.objects.delete(key);
      return '';
    };
  }
}

const artifacts = fakeArtifacts(VERSIONS);
const wishOf = async (version: string) => wantedObjects(await manifestObjects({ artifacts }, { version, settings }));
const wish = await wishOf('v3.31.7');
const context = (api: FakeApi) => ({ ...fakeContext(api.machines), artifacts });
const keys = new Set(wish.map(([key]) => key));

stepLaws('calico.manifest', {
  step: calicoManifestObjects,
  place,
  world: () => {
    const api = new FakeApi();
    api.store({ kind: 'ConfigMap', metadata: { name: 'coredns', namespace: 'kube-system' } });
    return Object.assign(api, { artifacts });
  },
  wishes: [wish],
  verbatim: false,
  foreign: (it) => (it as FakeApi).objects.get('ConfigMap kube-system/coredns'),
});

describe('calico.manifest', () => {
  test('another version rolls over what differs in it, and nothing else', async () => {
    const api = new FakeApi();
    const step = calicoManifestObjects(place, wish);
    const added = wish.map(([key, to]) => ({ key, from: undefined, to, before: undefined, cause: 'wanted' as const }));
    await step.write(context(api), added);
    expect(api.objects.get('DaemonSet kube-system/calico-node')?.metadata.labels).toMatchObject({
      'k8s-app': 'calico-node',
      'app.kubernetes.io/managed-by': 'cpaas',
      'cpaas.dev/cluster': 'site1',
    });
    const next = new Map(await wishOf('v3.31.8'));
    const seen = await calicoManifestObjects({ ...place, version: 'v3.31.8' }, next).read(context(api), keys);
    expect([...seen].filter(([key, { value }]) => next.get(key) !== value).map(([key]) => key)).toEqual([
      'DaemonSet kube-system/calico-node',
    ]);
  });

  test('a Calico that somebody has put there is left, and another cluster of ours is somebody', async () => {
    const api = new FakeApi();
    const labels = { 'app.kubernetes.io/managed-by': 'cpaas', 'cpaas.dev/cluster': 'site2' };
    api.store({ kind: 'DaemonSet', metadata: { name: 'calico-node', namespace: 'kube-system', labels } });
    const step = calicoManifestObjects(place, wish);
    const key = 'DaemonSet kube-system/calico-node';
    const seen = await step.read(context(api), keys);
    expect(seen.get(key)).toEqual({ value: '', mark: 'other' });
    expect(step.claim(key, seen.get(key), step.want.get(key), false)).toBe('leave');
    expect(step.claim(key, undefined, step.want.get(key), false)).toBe('take');
  });
});
