import { setTimeout as pause } from 'node:timers/promises';
import type { Behaviour } from '../unit/behaviour.ts';
import type { Call } from './call.ts';
import type { Cut } from './cut.ts';

/** How many pieces of a slow output are sent in a second. */
const STEPS = 20;
/** Milliseconds that the last bytes before a cut are given to get through. */
const LAST_BYTES = 100;

/**
 * A call over a link that is slow, or that breaks after so many bytes. What the program does after it printed something, it does
 * when that has gone out.
 */
export function overLink(call: Call, behaviour: Pick<Behaviour, 'bytesPerSecond' | 'dropAfterBytes'>, cut: Cut): Call {
  const { bytesPerSecond, dropAfterBytes } = behaviour;
  if (!Number.isFinite(bytesPerSecond) && !Number.isFinite(dropAfterBytes)) return call;
  let work = Promise.resolve();
  const inTurn = (step: () => Promise<void> | void) => {
    work = work.then(step);
  };
  const print = (send: (text: string) => void, text: string) =>
    inTurn(async () => {
      const passing = text.slice(0, await cut.bytesLeft(call));
      await slowly(call, send, passing, bytesPerSecond);
      if (!(await cut.bytesOut(call, passing.length))) return;
      await pause(LAST_BYTES);
      await cut.now(call);
    });
  return {
    ...call,
    out: (text) => print(call.out, text),
    err: (text) => print(call.err, text),
    exit: (code) => inTurn(() => call.exit(code)),
    become: (argv) => inTurn(() => call.become(argv)),
    run: (argv) => work.then(() => call.run(argv)),
  };
}

async function slowly(call: Call, send: (text: string) => void, text: string, perSecond: number): Promise<void> {
  if (!Number.isFinite(perSecond)) return send(text);
  const size = Math.max(1, Math.floor(perSecond / STEPS));
  for (let at = 0; at < text.length && !call.signal.aborted; at += size) {
    const piece = text.slice(at, at + size);
    send(piece);
    await pause((piece.length * 1000) / perSecond);
  }
}
