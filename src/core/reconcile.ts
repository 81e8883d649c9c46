import { isDeepStrictEqual as same } from 'node:util';
import type { ErrorCode } from './errors.ts';
import type { Cause, ElementChange, Seen, Step } from './step.ts';

/** What the journal knows of one element that we changed and have not put back. */
export interface Owned {
  /** What was there before we first touched it: what undo restores. */
  readonly before: unknown;
  /** What we last meant it to be. */
  readonly meant: unknown;
  /** Every value it may have through us. More than one while a write was not seen to its end. */
  readonly ours: readonly unknown[];
  /** Whether the last write was read back. */
  readonly settled: boolean;
  /** Somebody else's that was taken into the journal as it was: it is ours without a mark of ours. */
  readonly adopted?: boolean;
}

export interface Conflict {
  readonly key: string;
  readonly why: string;
  readonly code?: ErrorCode;
}

export interface Reconciled {
  readonly changes: readonly ElementChange[];
  /** Ours and as it may be, but the journal does not say so yet: a run was cut off, overtaken by a new wish, or adopts. Not written. */
  readonly kept: readonly ElementChange[];
  /** Wanted, but somebody else's value is there and stays, or what must exist does not. */
  readonly conflicts: readonly Conflict[];
  /** Once ours, no longer wanted, and put back already or in other hands: left as found. */
  readonly released: readonly string[];
  /** Those of the released that somebody else has changed since: said to the user. */
  readonly lost: readonly string[];
  /** How many wanted elements are as they should be. */
  readonly satisfied: number;
}

export interface ReconcileOptions {
  /** Take what is as wanted, or will do as it is, but not ours, into the journal, so that `down` removes it. */
  readonly adopt?: boolean;
  /** Whether an element that is ours stays so although it is not wanted: another call's, which this one is not about. */
  readonly keeps?: (step: Pick<Step, 'id' | 'kind' | 'want'>, key: string) => boolean;
  /** Whether what is put back only on request is put back: installed packages and tools. */
  readonly purge?: boolean;
  /** Write what is ours and of which only the presence can be seen, a password, once more: it may be another by now. */
  readonly renew?: boolean;
  /** What was written a moment ago is read back: of what only the presence can be seen, the presence is the proof. */
  readonly proves?: boolean;
}

/** One end anew and not the other would end the session. */
const SOMEBODY_ELSES = "is somebody else's and is not written anew; `cpaas up --adopt` takes it over first";

/**
 * Compares what is wanted, what is there, and what we own. Every command is this function: `up` with the file's wishes, `down` with
 * none, `plan` and `status` without acting on the answer, `rollback` with older wishes. Ownership is decided nowhere else.
 */
export function reconcile(
  step: Pick<Step, 'id' | 'kind' | 'want' | 'undo' | 'claim' | 'adoptable' | 'partOf' | 'hidden'>,
  seen: ReadonlyMap<string, Seen>,
  owned: ReadonlyMap<string, Owned>,
  { adopt = false, keeps = () => false, purge = false, renew = false, proves = false }: ReconcileOptions = {},
): Reconciled {
  const { want, undo, claim, adoptable, partOf, hidden } = step;
  const changes: ElementChange[] = [];
  const kept: ElementChange[] = [];
  const conflicts: Conflict[] = [];
  let satisfied = 0;
  const adopts = adopt && adoptable;
  const isUndone = undo === 'down' || (undo === 'purge' && purge);

  for (const [key, wanted] of want) {
    const there = seen.get(key);
    const mine = owned.get(key);
    const change = {
      ...{ key, from: there?.value, to: wanted, before: before(there, mine), cause: cause(mine, wanted) },
      ...hanging(there),
    };
    if (hidden?.(key) && same(change.from, wanted) && !proves) {
      // a write that was cut off may have reached one end of a session and not the other
      if (mine && (renew || !mine.settled)) {
        changes.push({ ...change, cause: renew ? 'wanted' : 'unfinished' });
        continue;
      }
      if (renew && !mine && there?.mark !== 'ours') {
        conflicts.push({ key, why: SOMEBODY_ELSES });
        continue;
      }
    }
    const willDo = (): boolean => there !== undefined && claim(key, there, wanted, false) === 'leave';
    if (mine ? mine.adopted && isOurs(there, mine) && willDo() : adopts && there && there.mark !== 'ours' && willDo()) {
      satisfied++;
      if (!mine?.settled) kept.push({ ...change, to: there?.value, before: undefined, adopted: true });
      continue;
    }
    if (same(change.from, wanted)) {
      satisfied++;
      if (mine ? !(mine.settled && same(mine.meant, wanted)) : there?.mark === 'ours') kept.push(change);
      else if (!mine && adopts && there?.mark !== 'other') kept.push({ ...change, before: undefined });
      continue;
    }
    const asLeft = isOurs(there, mine);
    const ours = asLeft || (mine !== undefined && there?.mark !== 'other');
    const answer = claim(key, there, wanted, ours, { cause: change.cause, asLeft });
    if (answer === 'leave') satisfied++;
    else if (answer === 'take') changes.push(change);
    else conflicts.push({ key, why: answer.conflict, ...(answer.code ? { code: answer.code } : {}) });
  }

  const released: string[] = [];
  const lost: string[] = [];
  const marked = [...seen].filter(([, { mark }]) => mark === 'ours').map(([key]) => key);
  for (const key of new Set([...owned.keys(), ...marked])) {
    if (want.has(key) || !isUndone || keeps(step, key)) continue;
    const there = seen.get(key);
    const mine = owned.get(key);
    const back = before(there, mine);
    if (isOurs(there, mine) && !same(there?.value, back)) {
      const stays = partOf?.(key).some((whole) => want.has(whole)) ?? false;
      const why = stays ? 'wanted' : 'unwanted';
      changes.push({ key, from: there?.value, to: back, before: back, cause: why, ...hanging(there) });
    } else if (mine) {
      released.push(key);
      if (!same(there?.value, back)) lost.push(key);
    }
  }
  return { changes, kept, conflicts, released, lost, satisfied };
}

/** Marked ours; or, where there is no mark or it was adopted with another's, one of the values we may have left there. */
function isOurs(there: Seen | undefined, mine: Owned | undefined): boolean {
  if (there?.mark && !(there.mark === 'other' && mine?.adopted)) return there.mark === 'ours';
  return mine?.ours.some((value) => same(value, there?.value)) ?? false;
}

const hanging = (there: Seen | undefined): Pick<ElementChange, 'dependents'> =>
  there?.dependents ? { dependents: there.dependents } : {};

const before = (there: Seen | undefined, mine: Owned | undefined): unknown =>
  mine ? mine.before : there?.mark === 'ours' ? undefined : there?.value;

function cause(mine: Owned | undefined, wanted: unknown): Cause {
  if (!mine || !same(mine.meant, wanted)) return 'wanted';
  return mine.settled ? 'drift' : 'unfinished';
}
