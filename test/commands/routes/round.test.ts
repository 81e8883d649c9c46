import { describe, expect, test } from 'vitest';
import { RoundListener } from '../../../src/commands/routes/round.ts';
import type { Event } from '../../../src/core/events.ts';

const of = { step: 'host.routes:vm', title: 'Host routes', host: 'vm', phase: 'Host routes' };
const applied: Event = { type: 'step.applied', ...of, changes: [], lines: [], seconds: 1 };
const released: Event = { type: 'step.released', ...of, keys: ['10.53.0.0/26'], why: 'changed since' };
const failed: Event = { type: 'step.failed', ...of, seconds: 1, error: { code: 'X', message: 'no' } };
const warning: Event = { type: 'warning', text: 'look' };

/** What is told of a run in which this happened, and what its round came to. */
function lived(...events: readonly Event[]) {
  const told: Event[] = [];
  const listener = new RoundListener((event) => told.push(event));
  for (const event of events) listener.hear(event);
  return { told, round: listener.result('r1', 'an error') };
}

describe('a run of a watch that fails', () => {
  test('is told by what it did, and its log stays', () => {
    for (const did of [applied, released])
      expect(lived(warning, did, failed)).toEqual({ told: [warning, did], round: { error: 'an error' } });
  });

  test('says nothing in its log besides the failure where it did nothing', () => {
    expect(lived(warning, failed)).toEqual({ told: [warning], round: { error: 'an error', idle: 'r1' } });
  });
});
