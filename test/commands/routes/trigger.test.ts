import { expect, test } from 'vitest';
import { Bell } from '../../../src/commands/routes/trigger.ts';

test('however often it is rung, it calls once, and once more for what came meanwhile', async () => {
  const bell = new Bell();
  const stop = new AbortController();
  let pauses = 0;
  const pause = async () => {
    pauses++;
    // what comes while it waits for more belongs to the same call
    bell.ring();
  };
  let calls = 0;
  for (let nth = 0; nth < 1000; nth++) bell.ring();
  for await (const _ of bell.rings(stop.signal, pause)) {
    calls++;
    if (calls === 1) for (let nth = 0; nth < 1000; nth++) bell.ring();
    else queueMicrotask(() => stop.abort());
  }
  expect({ calls, pauses }).toEqual({ calls: 2, pauses: 2 });
});

test('one that nobody rings ends with the signal', async () => {
  const stop = new AbortController();
  const rings = new Bell().rings(stop.signal, async () => {})[Symbol.asyncIterator]();
  const next = rings.next();
  stop.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});
