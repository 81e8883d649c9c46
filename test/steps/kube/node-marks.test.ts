import { expect, test } from 'vitest';
import { kubeNodeMarks, nodeMarks } from '../../../src/steps/kube/node-marks.ts';
import { type Ending, type FakeMachine, fakeContext, Power } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const place = { kube: { host: 'master', kubeconfig: '/etc/kubernetes/admin.conf' }, node: 'node1' };

/** An API server with one node, as kubectl changes it: an argument each, in one request. */
function world(there = true) {
  const power = new Power();
  const labels = new Map([
    ['kubernetes.io/hostname', 'node1'],
    ['rack', 'theirs'],
  ]);
  const taints = new Map([['theirs:NoSchedule', '']]);
  const edit = (sort: string, word: string): Ending | undefined => {
    const [, key = '', value, effect, removed] =
      (sort === 'label' ? /^([^=]+?)(?:=([^:]*))?()(-?)$/ : /^([^=:]+)(?:=([^:]*))?:(\w+)(-?)$/).exec(word) ?? [];
    const set = sort === 'label' ? labels : taints;
    const name = sort === 'label' ? key : `${key}:${effect}`;
    if (removed === '-' && value === undefined) {
      if (!set.has(name) && sort === 'taint') return { code: 1, stderr: `error: taint "${name}" not found\n` };
      set.delete(name);
    } else if (value === undefined) return { code: 1, stderr: `error: at least one ${sort} update is required\n` };
    else set.set(name, value);
    return undefined;
  };
  const kubectl = ([, , , , verb, what, node, ...rest]: readonly string[]): Ending => {
    if (what !== (verb === 'get' ? 'nodes' : 'node') || node !== 'node1')
      return { code: 1, stderr: 'unknown command\n' };
    if (verb === 'get')
      return there
        ? JSON.stringify({
            metadata: { labels: Object.fromEntries(labels) },
            spec: {
              taints: [...taints].map(([name, value]) => {
                const [key, effect] = name.split(':');
                return { key, effect, ...(value === '' ? {} : { value }) };
              }),
            },
          })
        : '';
    const [overwrite, ...words] = rest;
    if (overwrite !== '--overwrite')
      return { code: 1, stderr: 'error: already has a value, and --overwrite is false\n' };
    power.spend();
    for (const word of words) {
      const failed = edit(verb ?? '', word);
      if (failed) return failed;
    }
    return 'node/node1 changed\n';
  };
  const machines: Record<string, FakeMachine> = { master: { name: 'master', programs: { kubectl } } };
  return { power, machines, dump: () => ({ labels: [...labels].toSorted(), taints: [...taints].toSorted() }) };
}

stepLaws('kube.node-marks', {
  step: kubeNodeMarks,
  place,
  world,
  wishes: [
    nodeMarks({ rack: 'r1', 'example.com/edge': '' }, ['dedicated=edge:NoSchedule', 'maintenance:NoExecute']),
    nodeMarks({}, ['dedicated=core:NoSchedule']),
    nodeMarks({ rack: 'r2' }, []),
  ],
  foreign: ({ dump }) => JSON.stringify(dump()).includes('theirs:NoSchedule'),
});

test('a node that is not there has none, and what makes pods leave is said', async () => {
  const step = kubeNodeMarks(place, nodeMarks({ rack: 'r1' }, []));
  expect([...(await step.read(fakeContext(world(false).machines), new Set(step.want.keys())))]).toEqual([]);
  const change = {
    key: 'taint maintenance:NoExecute',
    from: undefined,
    to: '',
    before: undefined,
    cause: 'wanted',
  } as const;
  expect(step.risk(change)).toEqual({ risk: 'disruptive', why: 'pods that do not tolerate it leave node1' });
  expect(
    step.commands([change, { ...change, key: 'label rack', to: 'r1' }]).map(({ argv }) => argv.slice(5).join(' ')),
  ).toEqual(['label node node1 --overwrite rack=r1', 'taint node node1 --overwrite maintenance=:NoExecute']);
});
