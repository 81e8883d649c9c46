import type { Event, Listener } from '../../core/events.ts';

/** A listener that holds something: a terminal, a file. After `close` it is told nothing more. */
export interface UiListener {
  (event: Event): void;
  /** Resolves when everything told so far is on its way out. */
  close(): Promise<void>;
}

/** A listener that holds nothing. */
export const listener = (hear: Listener, close = async (): Promise<void> => {}): UiListener =>
  Object.assign((event: Event) => hear(event), { close });

/** Tells several listeners the same. */
export function broadcast(listeners: readonly UiListener[]): UiListener {
  const hear = (event: Event) => {
    for (const tell of listeners) tell(event);
  };
  return listener(hear, async () => {
    await Promise.all(listeners.map((each) => each.close()));
  });
}
