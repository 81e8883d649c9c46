import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CpaasError } from '../../src/core/errors.ts';
import { phaseFrom } from '../../src/core/plan.ts';
import { Declined } from '../../src/engine/consent.ts';
import { converge } from '../../src/engine/converge.ts';
import { onlyNamed } from '../../src/engine/only.ts';
import { isPowerCut, World } from '../helpers/world.ts';

test('a second run changes nothing, reads once and leaves the journal as it was', async () => {
  const world = new World();
  expect(await world.run({ m1: { r1: 'a', r2: 'b' } })).toBe('applied');
  const journal = readFileSync(world.file, 'utf8');
  world.events.length = 0;
  world.reads = 0;
  expect(await world.run({ m1: { r1: 'a', r2: 'b' } })).toBe('unchanged');
  expect(world.applied()).toEqual([]);
  expect(world.reads).toBe(1);
  expect(readFileSync(world.file, 'utf8')).toBe(journal);
});

test('a place dropped from the file gets back what it had', async () => {
  const world = new World({ u1: { asNumber: '64513', other: 'x' } });
  await world.run({ u1: { asNumber: '64512', group: 'calico' } });
  await world.run({ u2: {} });
  expect(world.dump()).toEqual({ u1: { asNumber: '64513', other: 'x' } });
  expect(world.holdings()).toEqual([]);
});

test('an element dropped from the file goes, the rest of its place stays', async () => {
  const world = new World();
  await world.run({ u1: { n1: 'peer', n2: 'peer' } });
  await world.run({ u1: { n1: 'peer' } });
  expect(world.dump()).toEqual({ u1: { n1: 'peer' } });
});

test('a conflict anywhere refuses everything before the first change', async () => {
  const world = new World({ m2: { r1: 'theirs' } });
  await expect(world.run({ m1: { r1: 'a' }, m2: { r1: 'a', r2: 'b' } })).rejects.toMatchObject({
    code: 'STEP.CONFLICT',
    message: expect.stringContaining('m2: r1 is theirs'),
  });
  expect(world.dump()).toEqual({ m2: { r1: 'theirs' } });
  expect(world.holdings()).toEqual([]);
});

test('what was there already as wanted is not ours: down leaves it', async () => {
  const world = new World({ u1: { n1: 'peer' }, m1: { r1: 'a' } });
  expect(await world.run({ u1: { n1: 'peer' }, m1: { r1: 'a' } })).toBe('unchanged');
  await world.run({});
  expect(world.dump()).toEqual({ u1: { n1: 'peer' }, m1: { r1: 'a' } });
});

test('what was there already as wanted becomes ours when adopted: down removes it', async () => {
  const world = new World({ u1: { n1: 'peer' } });
  await world.run({ u1: { n1: 'peer' } }, undefined, { adopt: true });
  await world.run({});
  expect(world.dump()).toEqual({});
});

test('what bears our mark but is unknown to this journal is taken over, and goes when unwanted', async () => {
  const world = new World();
  world.places.set('m1', new Map([['r1', { value: 'a', mark: 'ours' }]]));
  await world.run({ m1: { r1: 'a' } });
  expect(world.holdings()[0]?.elements.get('r1')).toMatchObject({ before: undefined, meant: 'a', settled: true });
  await world.run({});
  expect(world.dump()).toEqual({});
});

test('putting back goes through the phases backwards, whatever was added when', async () => {
  const world = new World();
  await world.run({ node2: { up: '1' }, router: { n1: '1', n2: '1' } });
  world.events.length = 0;
  await world.run({ router: { n1: '1' } });
  expect(world.applied()).toEqual(['cells:router', 'cells:node2']);

  const later = new World();
  await later.run({ host1: { p: '1' }, cluster: { n1: '1' } });
  await later.run({ host1: { p: '1' }, host2: { p: '1' }, cluster: { n1: '1', n2: '1' } });
  later.events.length = 0;
  await later.run({});
  expect(later.applied()).toEqual(['cells:cluster', 'cells:host2', 'cells:host1']);
});

test('a container that stays takes nothing with it', async () => {
  const world = new World({ box: { box: 'old' } });
  await world.run({ box: { box: 'new' }, 'u-in-box': { peer: 'x' } });
  await world.run({});
  expect(world.dump()).toEqual({ box: { box: 'old' } });
});

test('what is inside a place that goes is not asked', async () => {
  const world = new World();
  await world.run({ box: { box: 'k3d' }, 'u-in-box': { peer: 'x' } });
  world.dead.add('u-in-box');
  world.events.length = 0;
  await world.run({});
  const started = world.events.flatMap((event) => (event.type === 'step.start' ? [event.step] : []));
  expect(started).toEqual(['cells:box']);
  expect(world.dump()).toEqual({});
  expect(world.holdings()).toEqual([]);
});

test('what was inside a place that somebody removed by hand is released without being asked', async () => {
  const world = new World();
  await world.run({ box: { box: 'k3d' }, 'u-in-box': { peer: 'x' } });
  world.places.clear();
  world.dead.add('u-in-box');
  await world.run({});
  expect(world.holdings()).toEqual([]);
});

test('a container that is not ours and still there does not release what is inside', async () => {
  const world = new World({ box: { box: 'theirs' } });
  await world.run({ box: { box: 'theirs' }, 'u-in-box': { peer: 'x' } });
  await world.run({});
  expect(world.dump()).toEqual({ box: { box: 'theirs' } });
  expect(world.holdings()).toEqual([]);
});

test('a place that does not answer is left out, told, and stays ours', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x' }, u2: { a: 'x' } });
  world.dead.add('u1');
  await expect(world.run({ u1: { a: 'y' }, u2: { a: 'y' } })).rejects.toThrow('out of reach: u1');
  expect(world.dump()).toEqual({ u1: { a: 'x' }, u2: { a: 'y' } });
  await expect(world.run({})).rejects.toThrow('out of reach: u1');
  expect(world.dump()).toEqual({ u1: { a: 'x' } });
  world.dead.clear();
  await world.run({});
  expect(world.dump()).toEqual({});
});

test('what somebody changed after us is repaired while wanted, and left as found once unwanted', async () => {
  const world = new World();
  await world.run({ u1: { n1: 'peer' } });
  world.set('u1', 'n1', 'theirs');
  await world.run({ u1: { n1: 'peer' } });
  expect(world.causes()).toEqual(['wanted', 'drift']);
  world.set('u1', 'n1', 'theirs');
  await world.run({});
  expect(world.dump()).toEqual({ u1: { n1: 'theirs' } });
  expect(world.holdings()).toEqual([]);
});

test('a save that a power cut prevented is made up for, though nothing else is left to do', async () => {
  const world = new World();
  await expect(world.run({ s1: { n1: 'peer' } }, 1)).rejects.toSatisfy(isPowerCut);
  expect(world.saved.size).toBe(0);
  expect(await world.document({ s1: { n1: 'peer' } })).toMatchObject({ summary: { pending: 1 } });
  expect(await world.run({ s1: { n1: 'peer' } })).toBe('applied');
  expect(world.saved.get('s1')).toBe('{"n1":"peer"}');
  expect(await world.run({ s1: { n1: 'peer' } })).toBe('unchanged');
});

test('a removal that was not saved is saved by the next down', async () => {
  const world = new World();
  await world.run({ s1: { n1: 'peer' } });
  await expect(world.run({}, 1)).rejects.toSatisfy(isPowerCut);
  expect(world.saved.get('s1')).toBe('{"n1":"peer"}');
  await world.run({});
  expect(world.saved.get('s1')).toBe('{}');
  expect(world.holdings()).toEqual([]);
});

test('what takes something from somebody is asked first, and a no changes nothing', async () => {
  const world = new World();
  world.risk = 'disruptive';
  world.answer = false;
  await expect(world.run({ u1: { a: 'x' } })).rejects.toBeInstanceOf(Declined);
  expect(world.asked).toEqual([{ risk: 'disruptive', title: 'u1', host: 'u1', text: 'a x' }]);
  expect(world.dump()).toEqual({});
});

test('only a part: the rest is neither changed nor taken for unwanted', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x' }, u2: { a: 'x' }, u3: { a: 'x' } });
  const only = onlyNamed('u2');
  await world.run({ u1: { a: 'y' }, u2: { a: 'y' } }, undefined, { only });
  expect(world.dump()).toEqual({ u1: { a: 'x' }, u2: { a: 'y' }, u3: { a: 'x' } });
});

test('an interrupt lets the running step finish and starts no other', async () => {
  const world = new World();
  world.meanwhile = () => world.controller.abort();
  await expect(world.run({ u1: { a: 'x', b: 'x' }, u2: { a: 'x' } })).rejects.toThrow('aborted');
  expect(world.dump()).toEqual({ u1: { a: 'x', b: 'x' } });
});

test('a write that does not hold is no success', async () => {
  const world = new World();
  world.meanwhile = () => world.places.delete('u1');
  const cells = world.places.get.bind(world.places);
  world.places.get = (place) => (cells(place)?.has('a') ? new Map() : cells(place));
  await expect(world.run({ u1: { a: 'x' } })).rejects.toMatchObject({ code: 'STEP.UNPROVEN' });
  expect(world.holdings()[0]?.elements.get('a')).toMatchObject({ settled: false });
});

test('two failures of two hosts are both told', async () => {
  const world = new World({ m1: { a: 'theirs' } });
  const error = await world.run({ m1: { a: 'x' } }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(CpaasError);
});

test('a phase whose facts are out of reach is no phase with nothing to do: the run says so', async () => {
  const world = new World();
  const gone = new CpaasError('HOST.UNREACHABLE', 'vm does not answer');
  const unread = phaseFrom('Host routes', 2, ['cells'], () => Promise.reject(gone));
  const plan = { name: 'world', phases: [...world.plan({ m1: { r1: 'a' } }).phases, unread] };
  const running = converge(plan, world.engine, { consent: async () => true, leftovers: false, gates: false });
  await expect(running).rejects.toBe(gone);
  expect(world.dump()).toEqual({ m1: { r1: 'a' } });
});

test('a place is told what goes with it in the same run, and of nothing that stays', async () => {
  const world = new World();
  await world.run({ u1: { a: 'x' }, u2: { a: 'x' }, u3: { a: 'x', b: 'y' } });
  expect(world.told.get('u2')).toEqual([]);
  await world.run({ u3: { a: 'x' } });
  expect(world.told.get('u2')).toEqual(['u1', 'u2']);
});
