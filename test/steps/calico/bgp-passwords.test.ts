import { describe, expect, test } from 'vitest';
import { reconcile } from '../../../src/core/reconcile.ts';
import { type BgpPasswordsPlace, bgpPasswords, calicoBgpPasswords } from '../../../src/steps/calico/bgp-passwords.ts';
import { fakeContext, Power } from '../../helpers/fake-host.ts';
import { FakeSecrets } from '../../helpers/fake-secrets.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const SECRET = 'between-us-9';
const place: BgpPasswordsPlace = {
  identity: 'uid-1',
  kube: { host: 'vm', kubeconfig: '/k' },
  cluster: 'cpaas1',
  api: 'crd',
  namespace: 'calico-system',
  account: 'calico-node',
  passwords: { 'cpaas-bgp-bigip1': { env: 'ONE' }, 'cpaas-bgp-bigip2': { env: 'TWO' } },
};
const theirs = {
  kind: 'Secret',
  metadata: { name: 'sh.helm.release', namespace: 'calico-system' },
  stringData: { release: 'theirs' },
};

function world() {
  const power = new Power();
  const kube = new FakeSecrets(power, [theirs]);
  const machines = { vm: { name: 'vm', power, programs: { kubectl: kube.kubectl } } };
  return { kube, machines, power, dump: () => kube.dump() };
}

stepLaws('Passwords of BGP in the cluster', {
  step: calicoBgpPasswords,
  place,
  world,
  verbatim: false,
  wishes: [bgpPasswords(['bigip1']), bgpPasswords(['bigip1', 'bigip2']), bgpPasswords(['bigip2'])],
  foreign: ({ dump }) =>
    (dump() as { metadata: { name: string } }[]).filter(({ metadata }) => !metadata.name.startsWith('cpaas-')),
});

describe('Passwords of BGP in the cluster', () => {
  const about = async () => {
    const { kube, machines } = world();
    const step = calicoBgpPasswords(place, bgpPasswords(['bigip1']));
    const ctx = { ...fakeContext(machines), secret: async () => SECRET };
    const { changes } = reconcile(step, await step.read(ctx, new Set(step.want.keys())), new Map());
    return { kube, step, ctx, changes };
  };

  test('are said in no plan and in no command line', async () => {
    const { kube, step, ctx, changes } = await about();
    expect(JSON.stringify([step.commands(changes), step.place, changes])).not.toContain(SECRET);
    expect(step.commands(changes).map(({ stdin }) => stdin)).toMatchInlineSnapshot(`
      [
        "apiVersion: v1
      kind: Secret
      metadata:
        name: cpaas-bgp-bigip1
        namespace: calico-system
        labels:
          app.kubernetes.io/managed-by: cpaas
          cpaas.dev/cluster: cpaas1
      stringData:
        password: <password>
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: Role
      metadata:
        name: cpaas-bgp-passwords
        namespace: calico-system
        labels:
          app.kubernetes.io/managed-by: cpaas
          cpaas.dev/cluster: cpaas1
      rules:
        - apiGroups:
            - ''
          resources:
            - secrets
          resourceNames:
            - cpaas-bgp-bigip1
          verbs:
            - get
            - list
            - watch
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata:
        name: cpaas-bgp-passwords
        namespace: calico-system
        labels:
          app.kubernetes.io/managed-by: cpaas
          cpaas.dev/cluster: cpaas1
      roleRef:
        apiGroup: rbac.authorization.k8s.io
        kind: Role
        name: cpaas-bgp-passwords
      subjects:
        - kind: ServiceAccount
          name: calico-node
          namespace: calico-system
      ",
      ]
    `);
    await step.write(ctx, changes);
    expect(JSON.stringify([ctx.said, ctx.sent.map(({ argv }) => argv)])).not.toContain(SECRET);
    expect(kube.objects.get('secret/cpaas-bgp-bigip1')?.stringData).toEqual({ password: SECRET });
  });

  test('are never read: only that they are there', async () => {
    const { step, ctx, changes } = await about();
    await step.write(ctx, changes);
    const seen = await step.read(ctx, new Set());
    expect([...seen.keys()]).toEqual([
      'Secret cpaas-bgp-bigip1',
      'Role cpaas-bgp-passwords',
      'RoleBinding cpaas-bgp-passwords',
    ]);
    expect(JSON.stringify([...seen])).not.toContain(SECRET);
  });
});
