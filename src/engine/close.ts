import { writer } from './change.ts';
import { type Engine, named } from './engine.ts';
import type { Looked } from './looked.ts';
import type { RunState } from './run-state.ts';

/** Steps whose place has to be closed: changed in this run, or in one that was cut off before it came to that. */
const unclosed = ({ step }: Looked, { journal }: Engine): boolean =>
  step.close !== undefined && journal.holding(step.id)?.unclosed !== undefined;

/**
 * Confirms and saves what was changed on one host, each act once for all steps that share it. A step is closed when its act has come
 * back.
 */
export async function closeHost(items: readonly Looked[], engine: Engine, state: RunState): Promise<void> {
  const { journal, emit } = engine;
  if (!state.closes) return;
  const done = new Set<string>();
  const open = items.filter((item) => unclosed(item, engine));
  for (const { step, stage } of open) {
    const closer = step.close;
    if (!closer) continue;
    if (!done.has(closer.id)) {
      const sharing = open.filter((item) => item.step.close?.id === closer.id);
      const found = state.overlooks ? [] : sharing.map((item) => journal.holding(item.step.id)?.unclosed?.before);
      const remark = await engine.uninterrupted((steady) => closer.act(writer(steady, step, stage, state), found));
      done.add(closer.id);
      state.changed.add(step.id);
      const about = named(engine, step, stage);
      emit({ type: 'step.closed', closing: closer.title, ...(remark === undefined ? {} : { remark }), ...about });
    }
    journal.closed(step.id);
  }
}
