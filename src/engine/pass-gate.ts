import { setTimeout as pause } from 'node:timers/promises';
import { CpaasError } from '../core/errors.ts';
import { Facts } from '../core/facts.ts';
import type { Gate } from '../core/gate.ts';
import type { Engine } from './engine.ts';

/**
 * Waits at a gate: soon at first, then less often, and tells what is missing whenever that changes. What is known already counts, once:
 * facts by which something is missing are forgotten. Who was left out is always told; of a gate that was open already nothing else is
 * where that is the `usual` thing.
 */
export async function passGate(
  gate: Gate,
  phase: string,
  engine: Engine,
  { usual = false, facts = new Facts(engine.ctx) }: { readonly usual?: boolean; readonly facts?: Facts } = {},
): Promise<void> {
  const { ctx, emit, clock, patience = gate.deadline } = engine;
  const start = clock();
  let told: string | undefined;
  for (let wait = 50; ; wait = Math.min(wait * 1.5, 1000)) {
    ctx.signal.throwIfAborted();
    const missing = await gate.missing(facts);
    if (missing === undefined) {
      for (const name of (await gate.leftOut?.(facts)) ?? [])
        emit({ type: 'warning', text: `${name} is not Ready and out of reach: nothing of it was waited for` });
      if (told !== undefined || !usual) emit({ type: 'gate.open', gate: gate.title, phase, seconds: clock() - start });
      return;
    }
    facts.forget();
    if (missing !== told) emit({ type: 'gate.wait', gate: gate.title, phase, missing });
    told = missing;
    if ((clock() - start) * 1000 + wait > patience) throw late(gate, patience, missing);
    await pause(wait, undefined, { signal: ctx.signal });
  }
}

const late = ({ title, next = [] }: Gate, patience: number, missing: string): CpaasError =>
  new CpaasError('GATE.TIMEOUT', `${title}: not within ${Math.round(patience / 1000)} s`, {
    evidence: [{ label: 'last seen', text: missing }],
    next: [...next, { label: 'goes on waiting from here', command: 'cpaas up' }],
  });
