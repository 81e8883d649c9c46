import type { Client } from '../../kube/client.ts';

/** How long changes are collected before they are acted on, in ms. */
const BATCH = 20;
/** Pause before a watch that ended is begun again, in ms. */
const AGAIN = 200;

/** Something that is brought in order again whenever something it depends on has changed. */
export interface Loop {
  /** Runs it again soon; resolves after a run that began later than the call. */
  kick(): Promise<void>;
}

/**
 * Runs `pass` now and after every change of the objects below `paths`; never twice at once. A pass reads what it needs itself, so what
 * a watch says is only that there is something new.
 */
export function watchLoop(
  client: Client,
  paths: readonly string[],
  pass: () => Promise<void>,
  { log, signal }: { readonly log: (line: string) => void; readonly signal: AbortSignal },
): Loop {
  let next: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();
  const kick = (): Promise<void> => {
    next ??= last
      .then(() => pause(BATCH))
      .then(() => {
        next = undefined;
        last = guarded();
        return last;
      });
    return next;
  };
  const guarded = () =>
    signal.aborted
      ? Promise.resolve()
      : pass().catch(async (error: unknown) => {
          if (signal.aborted) return;
          log(`controllers: ${error instanceof Error ? error.message : String(error)}`);
          await pause(AGAIN);
          void kick();
        });
  for (const path of paths) void follow(client, path, signal, () => void kick());
  return { kick };
}

/** Watches one kind for ever. What happened while no watch stood is made up for by a pass. */
async function follow(client: Client, path: string, signal: AbortSignal, changed: () => void): Promise<void> {
  while (!signal.aborted) {
    try {
      const { resourceVersion } = await client.list(`${path}?limit=1`);
      changed();
      await client.watch(`${path}?watch=true&resourceVersion=${resourceVersion}`, signal, changed);
    } catch {
      // The server is away, or the watch is too old: begin again.
    }
    if (!signal.aborted) await pause(AGAIN);
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
