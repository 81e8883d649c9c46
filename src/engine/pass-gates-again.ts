import type { Phase } from '../core/plan.ts';
import type { Engine } from './engine.ts';
import type { Looked } from './looked.ts';
import { passGate } from './pass-gate.ts';

/**
 * Waits once more at gates that were passed before something was put back: whoever goes may touch what stays, there and in whatever was
 * built on it. Nothing is told of gates that are still open.
 */
export async function passGatesAgain(
  passed: readonly Phase[],
  putBack: readonly Looked[],
  engine: Engine,
): Promise<void> {
  const changed = putBack.filter(({ found }) => (found?.changes.length ?? 0) > 0);
  const first = Math.min(...changed.map(({ stage }) => stage.rank));
  for (const { name, by, until } of passed.filter(({ rank, until }) => rank >= first && until.length > 0)) {
    const start = engine.clock();
    engine.emit({ type: 'phase.start', phase: name, by, steps: [] });
    try {
      for (const gate of until) await passGate(gate, name, engine, { usual: true });
    } finally {
      engine.emit({ type: 'phase.end', phase: name, seconds: engine.clock() - start });
    }
  }
}
