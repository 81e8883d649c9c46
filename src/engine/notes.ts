import type { Engine } from './engine.ts';
import type { Look } from './look.ts';

/** Says what was seen that whoever plans a change should know. */
export function tellNotes({ seen }: Look, { emit }: Pick<Engine, 'emit'>): void {
  for (const { notes = [] } of seen.values()) for (const text of notes) emit({ type: 'warning', text });
}
