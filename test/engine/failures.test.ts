import { expect, test } from 'vitest';
import { CpaasError } from '../../src/core/errors.ts';
import { Facts } from '../../src/core/facts.ts';
import { phase, phaseFrom, unreachableStep } from '../../src/core/plan.ts';
import { converge } from '../../src/engine/converge.ts';
import { onlyKinds } from '../../src/engine/only.ts';
import { planDocument } from '../../src/engine/plan-document.ts';
import { survey } from '../../src/engine/survey.ts';
import { World } from '../helpers/world.ts';

const yes = { consent: async () => true, leftovers: true, gates: true };

test('a conflict that comes up while a phase is under way stops it, and what was done before is said to stay', async () => {
  const world = new World();
  world.meanwhile = () => world.set('m1', 'r1', 'theirs');
  const steps = [world.kind({ place: 'u1' }, [['a', 'x']]), world.kind({ place: 'm1' }, [['r1', 'ours']])];
  const run = converge({ name: 'w', phases: [phase('P', 1, steps)] }, { ...world.engine, parallel: 1 }, yes);
  await expect(run).rejects.toMatchObject({ code: 'STEP.CONFLICT', message: expect.stringContaining('stays') });
  expect(world.dump()).toEqual({ u1: { a: 'x' }, m1: { r1: 'theirs' } });
});

test('a part that is none of what stood in something that is gone releases nothing, and says so', async () => {
  const world = new World();
  await world.run({ box: { box: 'k3d' }, 'u-in-box': { peer: 'x' } });
  world.places.clear();
  expect(await world.run({}, undefined, { only: onlyKinds(() => false) })).toBe('unchanged');
  expect(world.holdings()).toHaveLength(2);
});

test('a unit that cannot even be identified at its new endpoint is not undone at its old one', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x' } });
  const gone = unreachableStep('new', 'BGP', new CpaasError('HOST.UNREACHABLE', 'new does not answer'));
  const plan = { name: 'w', phases: [phaseFrom('Routers', 1, ['cells'], async () => [gone])] };
  await expect(converge(plan, world.engine, yes)).rejects.toThrow('out of reach: new');
  expect(world.dump()).toEqual({ u1: { a: 'x' } });
});

test('what a deferred phase no longer mentions goes in the same run', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x' }, u2: { a: 'x' } });
  const routers = async () => [world.kind({ place: 'u1' }, [['a', 'x']])];
  const plan = {
    name: 'w',
    phases: [
      phase('Lab', 0, [world.kind({ place: 'm0' }, [['lab', '1']])]),
      phaseFrom('Routers', 1, ['cells'], routers, { needs: ['Lab'] }),
    ],
  };
  expect(await converge(plan, world.engine, yes)).toBe('applied');
  expect(world.dump()).toEqual({ m0: { lab: '1' }, u1: { a: 'x' } });
  expect(await converge(plan, world.engine, yes)).toBe('unchanged');
});

test('a conflict in the last deferred phase is found before the first of them changes anything', async () => {
  const world = new World({ m2: { r1: 'theirs' } });
  const plan = {
    name: 'w',
    phases: [
      phase('Lab', 0, [world.kind({ place: 'm0' }, [['lab', '1']])]),
      phaseFrom('First', 1, ['cells'], async () => [world.kind({ place: 'u1' }, [['a', 'x']])], { needs: ['Lab'] }),
      phaseFrom('Last', 2, ['cells'], async () => [world.kind({ place: 'm2' }, [['r1', 'ours']])], { needs: ['Lab'] }),
    ],
  };
  await expect(converge(plan, world.engine, yes)).rejects.toMatchObject({ code: 'STEP.CONFLICT' });
  expect(world.dump()).toEqual({ m0: { lab: '1' }, m2: { r1: 'theirs' } });
});

test('a host that is lost in one phase is unreachable in the next one too', async () => {
  const world = new World();
  world.dead.add('u1');
  const { engine } = world;
  const phases = [
    phase('P', 1, [world.kind({ place: 'u1' }, [['a', 'x']])]),
    phase('Q', 2, [world.kind({ place: 'u1' }, [['b', 'x']])]),
  ];
  const found = await survey({ name: 'w', phases }, engine, new Facts(engine.ctx), yes);
  expect(planDocument('w', found, engine).summary).toMatchObject({ unreachable: 2, satisfied: 0 });
});

test('a place that refuses to be put back keeps nobody else from it, on its own host neither', async () => {
  const world = new World();
  await world.run({ s1: { a: 'x' }, s2: { a: 'x' } });
  const refuse = (place: unknown): boolean => (place as { place: string }).place === 's2';
  const engine = {
    ...world.engine,
    revive: (...words: Parameters<typeof world.engine.revive>) => {
      const step = { ...world.engine.revive(...words), host: 'one' };
      if (!refuse(step.place)) return step;
      return { ...step, write: () => Promise.reject(new CpaasError('BGP.REFUSED', 'refused')) };
    },
  };
  await expect(converge({ name: 'w', phases: [] }, engine, yes)).rejects.toThrow('refused');
  expect(world.dump()).toEqual({ s2: { a: 'x' } });
  expect(world.saved.get('s1')).toBe('{}');
});

test('an interrupt leaves what has begun done and read back, and what has not begun skipped', async () => {
  const world = new World();
  world.meanwhile = () => world.controller.abort(new Error('interrupted'));
  const steps = [world.kind({ place: 'u1' }, [['a', 'x']]), world.kind({ place: 'u2' }, [['a', 'x']])];
  const run = converge({ name: 'w', phases: [phase('P', 1, steps)] }, { ...world.engine, parallel: 1 }, yes);
  await expect(run).rejects.toThrow('interrupted');
  const told = world.events.flatMap((event) => ('step' in event ? [`${event.type} ${event.step}`] : []));
  expect(told).toEqual([
    'step.start cells:u1',
    'step.applied cells:u1',
    'step.closed cells:u1',
    'step.skipped cells:u2',
  ]);
  expect(world.holdings()[0]?.elements.get('a')).toMatchObject({ settled: true });
});
