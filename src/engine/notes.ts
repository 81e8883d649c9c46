import type { Engine } from './engine.ts';
import type { Looked } from './looked.ts';

/** Says what was seen that whoever plans a change should know. */
export function tellNotes(looked: readonly Looked[], { emit }: Pick<Engine, 'emit'>): void {
  const seen = looked.flatMap(({ found }) => (found ? [...found.seen.values()] : []));
  for (const text of seen.flatMap(({ notes = [] }) => notes)) emit({ type: 'warning', text });
}
