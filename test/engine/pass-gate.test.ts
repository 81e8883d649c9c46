import { expect, test } from 'vitest';
import type { Event } from '../../src/core/events.ts';
import { Facts } from '../../src/core/facts.ts';
import type { Gate } from '../../src/core/gate.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { passGate } from '../../src/engine/pass-gate.ts';

/** Time goes on by 1 s with every look at the clock. */
function waiting(patience?: number) {
  const told: Event[] = [];
  let now = 0;
  const engine = {
    ctx: { signal: new AbortController().signal },
    emit: (event: Event) => told.push(event),
    clock: () => now++,
    ...(patience === undefined ? {} : { patience }),
  } as unknown as Engine;
  return { engine, told };
}

/** Lacks each of these in turn, then nothing. */
function gate(...missing: readonly string[]): Gate & { asked(): number } {
  let at = 0;
  return { title: 'sessions', deadline: 60_000, missing: async () => missing[at++], asked: () => at };
}

test('a gate is open as soon as nothing is missing, and what is missing is told once each time it changes', async () => {
  const { engine, told } = waiting();
  await passGate(gate('3 of 4', '3 of 4', '2 of 4'), 'Routers', engine);
  expect(told.map((event) => (event.type === 'gate.wait' ? event.missing : event.type))).toEqual([
    '3 of 4',
    '2 of 4',
    'gate.open',
  ]);
});

test('past the deadline the last thing seen is told', async () => {
  const closed = gate('1 of 4', '2 of 4', '3 of 4', '3 of 4');
  await expect(passGate(closed, 'Routers', waiting(2500).engine)).rejects.toMatchObject({
    code: 'GATE.TIMEOUT',
    message: 'sessions: not within 3 s',
    evidence: [{ label: 'last seen', text: '3 of 4' }],
    next: [{ command: 'cpaas up' }],
  });
  expect(closed.asked()).toBe(3);
});

test('what shows more is for the gate to say', async () => {
  const shown = { ...gate('none'), next: [{ label: 'shows them', command: 'cpaas bgp status' }] };
  await expect(passGate(shown, 'Routers', waiting(0).engine)).rejects.toMatchObject({
    next: [{ command: 'cpaas bgp status' }, { command: 'cpaas up' }],
  });
});

test('a gate that usually is open is asked once and not told of, unless somebody had to wait', async () => {
  const open = waiting();
  const usual = gate();
  await passGate(usual, 'Nodes', open.engine, { usual: true });
  expect({ asked: usual.asked(), told: open.told }).toEqual({ asked: 1, told: [] });
  const closed = waiting();
  await passGate(gate('3 of 4'), 'Nodes', closed.engine, { usual: true });
  expect(closed.told.map(({ type }) => type)).toEqual(['gate.wait', 'gate.open']);
});

test('who is left out is told once the gate is open, also where it usually is', async () => {
  const { engine, told } = waiting();
  const leftOut = async () => ['node2'];
  await passGate({ ...gate('3 of 4'), leftOut }, 'Nodes', engine, { usual: true });
  const warning = { type: 'warning', text: 'node2 is not Ready and out of reach: nothing of it was waited for' };
  expect(told).toMatchObject([{ type: 'gate.wait' }, warning, { type: 'gate.open' }]);
  told.length = 0;
  await passGate({ ...gate(), leftOut }, 'Nodes', engine, { usual: true });
  expect(told).toEqual([warning]);
});

test('an interrupt ends the wait', async () => {
  const pressed = new AbortController();
  const engine = { ...waiting().engine, ctx: { signal: pressed.signal } } as unknown as Engine;
  pressed.abort(new Error('Ctrl-C'));
  await expect(passGate(gate('all'), 'Routers', engine)).rejects.toThrow('Ctrl-C');
});

test('what is known already counts once: facts by which something is missing are read anew', async () => {
  const { engine } = waiting();
  const facts = new Facts(engine.ctx);
  let established = 3;
  let asked = 0;
  const sessions = {
    name: 'sessions',
    async read() {
      asked++;
      return established;
    },
  };
  const four: Gate = {
    ...gate(),
    missing: async (known) => ((await known.get(sessions)) < 4 ? `${established++} of 4` : undefined),
  };
  await facts.get(sessions);
  await passGate(four, 'Routers', engine, { facts });
  expect(asked).toBe(2);
  await passGate(four, 'Routers', engine, { facts });
  expect(asked).toBe(2);
});
