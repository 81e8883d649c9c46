import { expect, test } from 'vitest';
import { CpaasError } from '../../src/core/errors.ts';
import type { Fact } from '../../src/core/facts.ts';
import { Facts } from '../../src/core/facts.ts';
import type { Blueprint } from '../../src/providers/blueprint.ts';
import { checkIdentity } from '../../src/session/identity.ts';
import type { ClusterRecord } from '../../src/state/record.ts';
import { fakeArtifacts } from '../helpers/fake-artifacts.ts';

const blueprintOf = (uid: string): Blueprint => {
  const identity: Fact<string> = { name: 'identity', read: async () => uid };
  return {
    provider: 'existing',
    plan: { name: 'cpaas1', phases: [] },
    hosts: {},
    kube: { host: 'local', kubeconfig: 'none' },
    nodes: undefined,
    routers: [],
    gateway: undefined,
    identity,
  };
};
const facts = (): Facts =>
  new Facts({
    host: () => {
      throw new Error('nobody is to be asked');
    },
    identity: async () => 'none',
    artifacts: fakeArtifacts(),
    signal: new AbortController().signal,
  });

test('the state takes the first cluster it meets for its own, and refuses another of the same name', async () => {
  const record: ClusterRecord = { v: 1, cluster: 'cpaas1', hosts: {}, units: {} };
  await checkIdentity(blueprintOf('uid-1'), record, facts(), { must: true });
  await checkIdentity(blueprintOf('uid-1'), record, facts(), { must: true });
  await expect(checkIdentity(blueprintOf('uid-2'), record, facts(), { must: true })).rejects.toMatchObject({
    code: 'STATE.OTHER_CLUSTER',
    evidence: [
      { label: 'known as', text: 'uid-1' },
      { label: 'this one', text: 'uid-2' },
    ],
  });
});

test('a cluster that cannot be asked is unknown for now to who only looks, and refused by a run', async () => {
  const dead: Blueprint = {
    ...blueprintOf('uid-1'),
    identity: {
      name: 'identity',
      read: async () => {
        throw new CpaasError('KUBE.UNREACHABLE', 'the API does not answer');
      },
    },
  };
  const record: ClusterRecord = { v: 1, cluster: 'cpaas1', identity: 'uid-1', hosts: {}, units: {} };
  await checkIdentity(dead, record, facts(), { must: false });
  expect(record.identity).toBe('uid-1');
  await expect(checkIdentity(dead, record, facts(), { must: true })).rejects.toMatchObject({
    code: 'KUBE.UNREACHABLE',
  });
});
