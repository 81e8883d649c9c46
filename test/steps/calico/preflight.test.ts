import { expect, test } from 'vitest';
import { reconcile } from '../../../src/core/reconcile.ts';
import { calicoConditions, calicoPreflight } from '../../../src/steps/calico/preflight.ts';
import { fakeContext, Power } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const place = { identity: 'uid-1', kube: { host: 'local', kubeconfig: '/kubeconfig' }, backend: 'bird' };

stepLaws('calico.preflight', {
  step: calicoPreflight,
  place,
  world: () => ({ machines: { local: { name: 'here', programs: {} } }, power: new Power(), dump: () => 'nothing' }),
  wishes: [[...calicoConditions]],
});

test.each([
  ['bird', []],
  ['vxlan', ['Calico of this cluster works without BGP: its nodes run no BIRD (backend vxlan)']],
  ['none', ['Calico of this cluster works without BGP: its nodes run no BIRD (backend none)']],
  [undefined, ['no pod of calico-node runs in the cluster: nothing there speaks BGP']],
])('a cluster whose nodes program routes with %s', async (backend, told) => {
  const { kube, identity } = place;
  const step = calicoPreflight({ identity, kube, ...(backend === undefined ? {} : { backend }) }, calicoConditions);
  const ctx = fakeContext({ local: { name: 'here', programs: {} } });
  const { conflicts } = reconcile(step, await step.read(ctx, new Set(step.want.keys())), new Map());
  expect(conflicts.map(({ why }) => why)).toEqual(told);
  expect(conflicts.every(({ code }) => code === 'CALICO.NO_BGP')).toBe(true);
});
