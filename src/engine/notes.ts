import type { Listener } from '../core/events.ts';
import type { Engine } from './engine.ts';
import type { Look } from './look.ts';

/** A run looks more than once: what it has said it does not say again. */
const told = new WeakMap<Listener, Set<string>>();

/** Says what was seen that whoever plans a change should know. */
export function tellNotes({ seen }: Look, { emit }: Pick<Engine, 'emit'>): void {
  const before = told.get(emit) ?? new Set();
  told.set(emit, before);
  for (const text of [...seen.values()].flatMap(({ notes = [] }) => notes)) {
    if (!before.has(text)) emit({ type: 'warning', text });
    before.add(text);
  }
}
