import { expect, test } from 'vitest';
import type { Reader } from '../../src/core/context.ts';
import { Facts } from '../../src/core/facts.ts';
import type { Gate } from '../../src/core/gate.ts';
import { phase, phaseFrom } from '../../src/core/plan.ts';
import { reading } from '../../src/core/reading.ts';
import { converge } from '../../src/engine/converge.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { hostSysctl } from '../../src/steps/host/sysctl.ts';
import { fakeContext } from '../helpers/fake-host.ts';
import { World } from '../helpers/world.ts';

const FORWARD = reading(['cat', '/proc/sys/net/ipv4/ip_forward']);

test('what a run has changed is read anew: by the proof, by the phases after it, and by their gates', async () => {
  let forward = '0';
  const sent: string[] = [];
  const machine = {
    name: 'vm',
    programs: {
      cat: () => `${forward}\n`,
      sysctl: (args: readonly string[]) => {
        sent.push(args.join(' '));
        forward = '1';
        return '';
      },
    },
  };
  const ctx = fakeContext({ vm: machine });
  const world = new World();
  const engine: Engine = { ...world.engine, ctx, uninterrupted: (act) => act(engine) };
  const forwarding = {
    name: 'forwarding',
    read: async (reader: Reader) => (await reader.host('vm').query(FORWARD)).stdout,
  };
  const isOn: Gate = {
    title: 'forwarding',
    deadline: 0,
    missing: async (facts) => ((await facts.get(forwarding)) === '1\n' ? undefined : 'off'),
  };
  const wish = (set: string) => hostSysctl({ host: 'vm', cluster: 'c', set }, [['net.ipv4.ip_forward', '1']]);
  const known = phaseFrom('One', 1, ['host.sysctl'], async (facts) => {
    await facts.get(forwarding);
    return [wish('one')];
  });
  const plan = { name: 'c', phases: [known, phase('Two', 2, [wish('two')], { until: [isOn] })] };
  engine.journal.begin({ run: 'r1', command: 'up', user: 'u', machine: 'm' });
  await converge(plan, engine, { consent: async () => true, leftovers: true, gates: true });
  expect(sent).toEqual(['-q -w net.ipv4.ip_forward=1']);
});

test('what is known before a run is not asked again by it', async () => {
  const { engine } = new World();
  let asked = 0;
  const nodes = {
    name: 'nodes',
    async read() {
      asked++;
      return 3;
    },
  };
  const facts = new Facts(engine.ctx);
  await facts.get(nodes);
  const known = phaseFrom('Nodes', 1, [], async (own) => {
    await own.get(nodes);
    return [];
  });
  const plan = { name: 'c', phases: [known] };
  expect(await converge(plan, engine, { consent: async () => true, leftovers: true, gates: true, facts })).toBe(
    'unchanged',
  );
  expect(asked).toBe(1);
});

test('what was known before a question is asked anew after it: the answer may have taken an hour', async () => {
  const world = new World();
  world.risk = 'disruptive';
  let ready = true;
  const nodes = { name: 'nodes', read: async () => ready };
  const gate: Gate = {
    title: 'nodes',
    deadline: 0,
    missing: async (facts) => ((await facts.get(nodes)) ? undefined : 'not Ready'),
  };
  const steps = async (facts: Facts) => {
    await facts.get(nodes);
    return [];
  };
  const disruptive = world.plan({ routers: { n1: '2' } });
  const plan = { ...disruptive, phases: [phaseFrom('Nodes', 0, [], steps, { until: [gate] }), ...disruptive.phases] };
  const options = { leftovers: true, gates: true };
  world.engine.journal.begin({ run: 'r1', command: 'up', user: 'u', machine: 'm' });
  const consent = async () => {
    ready = false;
    return true;
  };
  await expect(converge(plan, world.engine, { ...options, consent })).rejects.toMatchObject({ code: 'GATE.TIMEOUT' });
});
