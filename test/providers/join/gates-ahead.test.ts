import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCluster } from '../../../src/config/load.ts';
import type { Fact, Facts } from '../../../src/core/facts.ts';
import { blueprintOf } from '../../../src/providers/index.ts';

/** Two nodes that have their sessions, as facts tell it; by how their names begin. */
const KNOWN: readonly (readonly [string, unknown])[] = [
  ['nodes', ['master', 'node1'].map((name) => ({ name, ready: true, role: 'worker' }))],
  ['kubeadm nodes that are down', []],
  ['calico-node pods', ['master', 'node1'].map((node) => ({ node, ready: true }))],
  ['bigip-routes', { learned: [], installed: [] }],
  ['bigip-sessions', ['10.1.20.11', '10.1.20.12'].map((neighbor) => ({ neighbor, state: 'Established' }))],
  ['pod routes', []],
  ['joined nodes', []],
  ['bgp sessions', []],
];

/** Says which facts it was asked for. */
function telling() {
  const asked = new Set<string>();
  const get = async ({ name }: Fact<unknown>) => {
    asked.add(name);
    const known = KNOWN.find(([begin]) => name.startsWith(begin));
    if (!known) throw new Error(`nobody knows ${name}`);
    return known[1];
  };
  return { asked, facts: { get } as unknown as Facts };
}

/** Facts that are made of others that are asked ahead. */
const MADE_OF_THEM = /^(joined nodes|nodes) /;

test('what a gate asks ahead is all that it goes by, so that an open one asks nothing more', async () => {
  const text = readFileSync(new URL('../../../examples/kubeadm-pair.yaml', import.meta.url), 'utf8');
  const { plan } = blueprintOf(parseCluster(text, 'f'), { env: {}, folder: '/' });
  const gates = plan.phases.flatMap(({ until }) => until);
  expect(gates.map(({ title }) => title)).toEqual(['nodes', 'sessions and routes']);
  for (const gate of gates) {
    const [early, late] = [telling(), telling()];
    await gate.ahead?.(early.facts);
    expect(await gate.missing(late.facts)).toBeUndefined();
    const more = [...late.asked].filter((name) => !early.asked.has(name) && !MADE_OF_THEM.test(name));
    expect({ gate: gate.title, more, ahead: early.asked.size > 0 }).toEqual({
      gate: gate.title,
      more: [],
      ahead: true,
    });
  }
});
