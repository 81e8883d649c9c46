import { expect, test } from 'vitest';
import { Trigger } from '../../../src/commands/routes/trigger.ts';

test('however often it is rung, it calls once, and once more for what came meanwhile', async () => {
  const trigger = new Trigger();
  const stop = new AbortController();
  let pauses = 0;
  const pause = async () => {
    pauses++;
    // what comes while it waits for more belongs to the same call
    trigger.fire();
  };
  let calls = 0;
  for (let nth = 0; nth < 1000; nth++) trigger.fire();
  for await (const _ of trigger.firings(stop.signal, pause)) {
    calls++;
    if (calls === 1) for (let nth = 0; nth < 1000; nth++) trigger.fire();
    else queueMicrotask(() => stop.abort());
  }
  expect({ calls, pauses }).toEqual({ calls: 2, pauses: 2 });
});

test('one that nobody rings ends with the signal', async () => {
  const stop = new AbortController();
  const rings = new Trigger().firings(stop.signal, async () => {})[Symbol.asyncIterator]();
  const next = rings.next();
  stop.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});
