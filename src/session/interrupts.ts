import { setMaxListeners } from 'node:events';
import type { Engine } from '../engine/engine.ts';

/** What an interrupt does to what goes on. */
export interface Interrupts {
  /** Ends reads: at once where nothing is being changed, otherwise when what has begun has come to its end. */
  readonly reads: AbortSignal;
  /** As `Engine.uninterrupted`. */
  uninterrupted<T>(engine: Engine, act: (steady: Engine) => Promise<T>): Promise<T>;
}

export function interruptsOf(interrupted: AbortSignal): Interrupts {
  const reads = new AbortController();
  const never = new AbortController().signal;
  // each question that is under way listens, and hundreds may be
  setMaxListeners(0, reads.signal, never);
  let begun = 0;
  const settle = (): void => {
    if (interrupted.aborted && begun === 0) reads.abort(interrupted.reason);
  };
  interrupted.addEventListener('abort', settle, { once: true });
  settle();
  return {
    reads: reads.signal,
    uninterrupted: async (engine, act) => {
      begun++;
      try {
        return await act({ ...engine, ctx: { ...engine.ctx, signal: never } });
      } finally {
        begun--;
        settle();
      }
    },
  };
}
