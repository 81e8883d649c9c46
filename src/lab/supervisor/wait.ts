import { setTimeout as pause } from 'node:timers/promises';
import { CpaasError } from '../../core/errors.ts';

/** Asks every 50 ms until nothing is missing. Rejects with `LAB.FAILED` when that takes more than a minute. */
export async function waitFor(what: string, missing: () => Promise<string | undefined>): Promise<void> {
  const until = Date.now() + 60_000;
  for (;;) {
    const still = await missing();
    if (still === undefined) return;
    if (Date.now() > until) throw new CpaasError('LAB.FAILED', `${what} did not come up: ${still}`);
    await pause(50);
  }
}
