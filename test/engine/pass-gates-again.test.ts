import { expect, test } from 'vitest';
import type { Gate } from '../../src/core/gate.ts';
import type { Phase } from '../../src/core/plan.ts';
import { type ConvergeOptions, converge } from '../../src/engine/converge.ts';
import { onlyNamed } from '../../src/engine/only.ts';
import { type Wish, World } from '../helpers/world.ts';

/** A cluster, routers that have sessions with its nodes, routes by way of them. */
class Joined {
  readonly world = new World();
  readonly asked: string[] = [];
  #lacking = 0;

  /** From now on each change brings sessions down. */
  shake(): void {
    this.world.meanwhile = () => {
      this.#lacking = 2;
    };
  }

  readonly #gate = (title: string, missing: () => string | undefined): Gate => ({
    title,
    deadline: 60_000,
    missing: async () => {
      this.asked.push(title);
      return missing();
    },
  });

  readonly #sessions = this.#gate('sessions', () => (this.#lacking-- > 0 ? 'n1 has none' : undefined));
  readonly #until: Readonly<Record<string, readonly Gate[]>> = {
    host: [this.#gate('host', () => undefined)],
    cluster: [this.#gate('nodes', () => undefined)],
    routers: [this.#sessions],
  };

  async up(wish: Wish, only?: string): Promise<void> {
    const { world } = this;
    world.events.length = 0;
    this.asked.length = 0;
    const plan = world.plan(wish);
    const phases = plan.phases.map((each): Phase => ({ ...each, until: this.#until[each.name] ?? [] }));
    world.engine.journal.begin({ run: 'r', command: 'up', user: 'u', machine: 'm' });
    const options = { consent: async () => true, leftovers: true, gates: true };
    await converge({ ...plan, phases }, world.engine, only ? { ...options, only: onlyNamed(only) } : options);
  }

  /** What was told of gates and steps, in order. */
  get told(): readonly string[] {
    return this.world.events.flatMap((event) =>
      event.type === 'step.applied' || event.type === 'gate.wait' || event.type === 'gate.open'
        ? [`${event.phase} ${event.type}`]
        : [],
    );
  }
}

const two: Wish = {
  host: { h: '1' },
  cluster: { n1: '1', n2: '1' },
  routers: { n1: '1', n2: '1' },
  routes: { r: '1' },
};
const one: Wish = { ...two, cluster: { n1: '1' }, routers: { n1: '1' } };

test('a run does not end before what stays has come through the removal of something else', async () => {
  const joined = new Joined();
  await joined.up(two);
  joined.shake();
  await joined.up(one);
  expect(joined.told.slice(joined.told.indexOf('routers step.applied'))).toEqual([
    'routers step.applied',
    'cluster step.applied',
    'routers gate.wait',
    'routers gate.open',
  ]);
});

test('gates are asked again from the first phase on where something was put back, and told of only where something was missing', async () => {
  const joined = new Joined();
  await joined.up(two);
  await joined.up({ ...two, routes: {} });
  expect(joined.asked).toEqual(['host', 'nodes', 'sessions']);
  await joined.up(one);
  expect(joined.asked).toEqual(['host', 'nodes', 'sessions', 'nodes', 'sessions']);
  expect(joined.told.slice(joined.told.lastIndexOf('cluster step.applied'))).toEqual(['cluster step.applied']);
});

test('an element that takes the place of another in the same step is put back, too', async () => {
  const joined = new Joined();
  await joined.up(two);
  joined.shake();
  await joined.up({ ...two, routers: { n1: '1', n3: '1' } });
  const waited = ['routers step.applied', 'routers gate.wait', 'routers gate.open'];
  expect(joined.told.slice(joined.told.indexOf('routers step.applied'))).toEqual([...waited, ...waited]);
});

test('a part that is put back waits at its own gates alone', async () => {
  const joined = new Joined();
  await joined.up(two);
  await joined.up(one, 'cluster');
  expect(joined.asked).toEqual(['nodes', 'nodes']);
});

test('what gates go by is asked beside the survey where their phase was gone through once, and only where it is wanted', async () => {
  const world = new World();
  const asked: string[] = [];
  const ahead = async () => asked.push(`${world.reads} reads`);
  const up = async (wish: Wish, options: Partial<ConvergeOptions> = {}) => {
    const plan = world.plan(wish);
    const gate: Gate = { title: 'sessions', deadline: 60_000, missing: async () => undefined, ahead };
    const phases = plan.phases.map((each): Phase => ({ ...each, until: [gate] }));
    world.reads = 0;
    world.engine.journal.begin({ run: 'r', command: 'up', user: 'u', machine: 'm' });
    await converge({ ...plan, phases }, world.engine, {
      ...{ consent: async () => true, leftovers: true, gates: true },
      ...options,
    });
    return asked.splice(0);
  };
  expect(await up({ cluster: { n1: '1' } })).toEqual([]);
  expect(await up({ cluster: { n1: '1' }, routers: { b1: '1' } })).toEqual(['0 reads']);
  expect(await up({ cluster: { n1: '1' }, routers: { b1: '1' } })).toEqual(['0 reads', '0 reads']);
  expect(await up({ cluster: { n1: '1' }, routers: { b1: '1' } }, { only: onlyNamed('routers') })).toEqual(['0 reads']);
  expect(await up({ cluster: { n1: '1' }, routers: { b1: '1' } }, { gates: false })).toEqual([]);
});

test('what is wrong with what was asked ahead is told at the gate alone', async () => {
  const world = new World();
  const wish: Wish = { cluster: { n1: '1' } };
  await world.run(wish);
  const plan = world.plan(wish);
  const ahead = () => {
    throw new Error('asked ahead');
  };
  const gate: Gate = { title: 'sessions', deadline: 60_000, missing: async () => undefined, ahead };
  const phases = plan.phases.map((each): Phase => ({ ...each, until: [gate] }));
  const options = { consent: async () => true, leftovers: true, gates: true };
  expect(await converge({ ...plan, phases }, world.engine, options)).toBe('unchanged');
});
