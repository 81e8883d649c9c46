import { expect, test } from 'vitest';
import { hostConditions, kubeadmPreflight } from '../../../src/steps/kubeadm/preflight.ts';
import { fakeContext, Power } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const HOST = 'ssh://root@10.1.20.20';

stepLaws('kubeadm.preflight', {
  step: kubeadmPreflight,
  place: { host: HOST, findings: {} },
  world: () => ({ power: new Power(), machines: {}, dump: () => undefined }),
  wishes: [[...hostConditions]],
});

test('every finding is a conflict in its own words, and what is not among them is as it should be', async () => {
  const findings = { cpus: 'n1: it has 1 CPU', login: 'n1: not root' };
  const step = kubeadmPreflight({ host: HOST, findings }, hostConditions);
  const seen = await step.read(fakeContext({}), new Set(step.want.keys()));
  const wrong = [...seen].filter(([, { value }]) => value !== true).map(([key]) => key);
  expect(wrong.toSorted()).toEqual(['cpus', 'login']);
  expect(wrong.toSorted().map((key) => step.claim(key, seen.get(key), true, false))).toEqual([
    { conflict: findings.cpus },
    { conflict: findings.login },
  ]);
});
