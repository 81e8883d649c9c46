import { expect, test } from 'vitest';
import { phase } from '../../src/core/plan.ts';
import { converge } from '../../src/engine/converge.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { planOfUndoing } from '../../src/engine/rollback.ts';
import { World } from '../helpers/world.ts';

test('rollback undoes the last run and leaves the ones before', async () => {
  const world = new World({ u1: { a: 'first' } });
  await world.run({ u1: { a: 'x', b: 'x' } });
  await world.run({ u1: { a: 'y', b: 'x', c: 'y' } });
  await world.rollback();
  expect(world.dump()).toEqual({ u1: { a: 'x', b: 'x' } });
  await world.run({});
  expect(world.dump()).toEqual({ u1: { a: 'first' } });
});

test('rollback of a run that removed something puts it there again, and it is ours', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x', b: 'x' } });
  await world.run({ u1: { a: 'x' } });
  await world.rollback();
  expect(world.dump()).toEqual({ u1: { a: 'x', b: 'x' } });
  await world.run({});
  expect(world.dump()).toEqual({});
});

test('a run that later runs built on is refused, and they are named', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x' } });
  await world.run({ u1: { a: 'y' } });
  await expect(world.rollback('r1')).rejects.toMatchObject({
    code: 'ROLLBACK.BUILT_ON',
    message: expect.stringContaining('r2'),
  });
});

test('a rollback can be rolled back, by its name', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x' } });
  await world.run({ u1: { a: 'y' } });
  await world.rollback();
  expect(world.dump()).toEqual({ u1: { a: 'x' } });
  await world.rollback('r3');
  expect(world.dump()).toEqual({ u1: { a: 'y' } });
});

test('one rollback after another goes back run by run, until none stands', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x' } });
  await world.run({ u1: { a: 'y' } });
  await world.rollback();
  await world.rollback();
  expect(world.dump()).toEqual({});
  await expect(world.rollback()).rejects.toMatchObject({ code: 'ROLLBACK.NO_RUN' });
});

test('what a run found as wanted and changed nothing of is not touched by its rollback', async () => {
  const world = new World({ u1: { a: 'x' } });
  await world.run({ u1: { a: 'x', b: 'x' } });
  await world.rollback();
  expect(world.dump()).toEqual({ u1: { a: 'x' } });
});

test('a password that a run wrote anew is not put back, which is said, and whatever else it did is undone', async () => {
  const world = new World();
  await world.run({ u1: { password: 'there' } });
  expect(world.notPutBack()).toBeUndefined();
  await world.run({ u1: { password: 'there', b: 'x' } }, undefined, { renew: true });
  expect(world.notPutBack()).toMatchObject({
    code: 'ROLLBACK.PASSWORD',
    message: expect.stringContaining('r2'),
    evidence: [{ label: 'u1', text: 'password' }],
    next: [{ command: 'cpaas bgp peer --renew-passwords' }, { command: 'cpaas rollback r1' }],
  });
  expect(await world.rollback()).toBe('applied');
  expect(world.dump()).toEqual({ u1: { password: 'there' } });
});

test('nothing is built on a password that was written anew: the run that had set it can be undone by its name', async () => {
  const world = new World();
  await world.run({ u1: { password: 'there' } });
  await world.run({ u1: { password: 'there' } }, undefined, { renew: true });
  expect(await world.rollback()).toBe('unchanged');
  expect(await world.rollback('r1')).toBe('applied');
  expect(world.dump()).toEqual({});
});

test('a place of a later run that nobody understands any more keeps no other run from being undone', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x' } });
  await world.run({ u1: { a: 'x' }, u2: { a: 'x' } });
  const { engine } = world;
  const revive: Engine['revive'] = (recipe, want) => {
    if ((recipe.place as { place: string }).place === 'u2') throw new Error('no such place');
    return engine.revive(recipe, want);
  };
  const [first] = world.runs();
  const { phases } = await planOfUndoing(first ?? expect.unreachable(), 'world', { ...engine, revive });
  expect(phases.map(({ name }) => name)).toEqual(['u1']);
});

test('there is nothing to roll back where no run changed anything', async () => {
  const world = new World();
  await expect(world.rollback()).rejects.toMatchObject({ code: 'ROLLBACK.NO_RUN' });
});

test('a rollback that was cut off is gone on with by the next one, or taken back by its name', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x' } });
  await world.run({ u1: { a: 'y', b: 'y' }, u2: { a: 'y' } });
  await expect(world.rollback(undefined, 1)).rejects.toThrow();
  await expect(world.rollback(undefined, 1)).rejects.toThrow();
  await world.rollback();
  expect(world.dump()).toEqual({ u1: { a: 'x' } });
  await world.rollback();
  expect(world.dump()).toEqual({});

  await world.run({ u1: { a: 'x', b: 'x' } });
  await expect(world.rollback(undefined, 1)).rejects.toThrow();
  await world.rollback(world.runs().at(-1)?.run);
  expect(world.dump()).toEqual({ u1: { a: 'x', b: 'x' } });
  await world.rollback();
  expect(world.dump()).toEqual({});
});

test('what a down has undone comes back in the order in which it was built, and goes backwards again', async () => {
  const world = new World();
  const order = () => world.events.flatMap((event) => (event.type === 'step.applied' ? [event.step] : []));
  const wish = { u1: { a: 'x' }, u2: { a: 'x' }, u3: { a: 'x' } };
  const plan = {
    name: 'w',
    phases: [
      phase(
        'P',
        1,
        Object.keys(wish).map((place) => world.kind({ place: place }, [['a', 'x']])),
      ),
    ],
  };
  const oneHost = (): Engine => ({
    ...world.engine,
    revive: (...words) => ({ ...world.engine.revive(...words), host: 'one' }),
  });
  const yes = { consent: async () => true, leftovers: true, gates: false };
  const begin = (run: string) => world.engine.journal.begin({ run, command: 'down', user: 'u', machine: 'm' });
  begin('r1');
  await converge(plan, oneHost(), yes);
  world.engine.journal.end('applied');
  begin('r2');
  await converge({ name: 'w', phases: [] }, oneHost(), yes);
  world.engine.journal.end('applied');
  begin('r3');
  const down = world.runs().at(-1);
  if (!down) throw new Error('there was a run');
  await converge(await planOfUndoing(down, 'w', oneHost()), oneHost(), { ...yes, leftovers: false });
  world.engine.journal.end('applied');
  begin('r4');
  await converge({ name: 'w', phases: [] }, oneHost(), yes);
  const up = ['cells:u1', 'cells:u2', 'cells:u3'];
  expect(order()).toEqual([...up, ...up.toReversed(), ...up, ...up.toReversed()]);
});
