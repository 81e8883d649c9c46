import { converge } from '../../engine/converge.ts';
import { notPutBack, planOfUndoing } from '../../engine/rollback.ts';
import { bothFailures } from './perform-run.ts';
import type { Run } from './run.ts';

/**
 * Undoes a run that failed, as a run of its own; gives back its failure, with that of the undo if there was one, and with what nobody can
 * put back.
 */
export async function undoFailed(
  { engine, name, run, beginUndo }: Pick<Run, 'engine' | 'name' | 'run' | 'beginUndo'>,
  error: unknown,
): Promise<unknown> {
  const record = engine.journal.runs().find((each) => each.run === run);
  if (!record) return error;
  engine.emit({ type: 'warning', text: 'this run failed and is undone' });
  try {
    beginUndo();
    const plan = await planOfUndoing(record, name, engine);
    const outcome = await converge(plan, engine, { consent: async () => true, leftovers: false, gates: false });
    const short = notPutBack(record, engine);
    engine.journal.end(outcome);
    return short ? bothFailures(error, short) : error;
  } catch (another) {
    return bothFailures(error, another);
  }
}
