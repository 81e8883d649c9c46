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

/** A step, as far as comparing takes it. */
type Compared = Pick<Step, 'id' | 'kind' | 'want' | 'undo' | 'claim' | 'adoptable' | 'partOf' | 'hidden'>;

/**
 * Compares what is wanted, what is there, and what we own. Every command is this function: `up` with the file's wishes, `down` with
 * none, `plan` and `status` without acting on the answer, `rollback` with older wishes. Ownership is decided nowhere else.
 */
export function reconcile(
  step: Compared,
  seen: ReadonlyMap<string, Seen>,
  owned: ReadonlyMap<string, Owned>,
  options: ReconcileOptions = {},
): Reconciled {
  const verdicts = [...step.want].map(([key, wanted]) =>
    judgeWanted({ key, wanted, there: seen.get(key), mine: owned.get(key) }, step, options),
  );
  const { given, released, lost } = giveUp(step, seen, owned, options);
  return {
    changes: [...verdicts.flatMap(({ change }) => change ?? []), ...given],
    kept: verdicts.flatMap(({ kept }) => kept ?? []),
    conflicts: verdicts.flatMap(({ conflict }) => conflict ?? []),
    released,
    lost,
    satisfied: verdicts.filter(({ satisfied }) => satisfied).length,
  };
}

/** A wanted element: what stands there, and what the journal knows of it. */
interface Element {
  readonly key: string;
  readonly wanted: unknown;
  readonly there: Seen | undefined;
  readonly mine: Owned | undefined;
}

/** What becomes of a wanted element. `kept` is only journaled. */
interface Verdict {
  readonly change?: ElementChange;
  readonly kept?: ElementChange;
  readonly conflict?: Conflict;
  readonly satisfied?: true;
}

function judgeWanted(
  element: Element,
  { claim, adoptable, hidden }: Compared,
  { adopt = false, renew = false, proves = false }: ReconcileOptions,
): Verdict {
  const { key, wanted, there, mine } = element;
  const change: ElementChange = {
    ...{ key, from: there?.value, to: wanted, before: before(there, mine), cause: cause(mine, wanted) },
    ...dependentsOf(there),
  };
  if (hidden?.(key) && same(change.from, wanted) && !proves) {
    const verdict = judgeHidden(change, element, renew);
    if (verdict) return verdict;
  }
  const adopts = adopt && adoptable;
  const isCandidate = mine ? mine.adopted && isOurs(there, mine) : adopts && there?.mark !== 'ours';
  if (there && isCandidate && claim(key, there, wanted, false) === 'leave') {
    if (mine?.settled) return { satisfied: true };
    return { satisfied: true, kept: { ...change, to: there.value, before: undefined, adopted: true } };
  }
  if (same(change.from, wanted)) return { satisfied: true, ...noteOf(change, element, adopts) };
  const asLeft = isOurs(there, mine);
  const ours = asLeft || (mine !== undefined && there?.mark !== 'other');
  const answer = claim(key, there, wanted, ours, { cause: change.cause, asLeft });
  if (answer === 'leave') return { satisfied: true };
  if (answer === 'take') return { change };
  return { conflict: { key, why: answer.conflict, ...(answer.code ? { code: answer.code } : {}) } };
}

/** Of an element whose presence alone can be seen, and that is present. Nothing where it is judged as any other. */
function judgeHidden(change: ElementChange, { key, there, mine }: Element, renew: boolean): Verdict | undefined {
  // a write that was cut off may have reached one end of a session and not the other
  if (mine && (renew || !mine.settled)) return { change: { ...change, cause: renew ? 'wanted' : 'unfinished' } };
  if (renew && !mine && there?.mark !== 'ours') return { conflict: { key, why: SOMEBODY_ELSES } };
  return undefined;
}

/** What the journal is to be told of an element that is as it should be: nothing where it knows, or where the element is not ours. */
function noteOf(change: ElementChange, { wanted, there, mine }: Element, adopts: boolean): Pick<Verdict, 'kept'> {
  if (mine) return mine.settled && same(mine.meant, wanted) ? {} : { kept: change };
  if (there?.mark === 'ours') return { kept: change };
  return adopts && there?.mark !== 'other' ? { kept: { ...change, before: undefined } } : {};
}

/** What is ours and no longer wanted: `given` back what was there before us, or released as it is found. */
function giveUp(
  step: Compared,
  seen: ReadonlyMap<string, Seen>,
  owned: ReadonlyMap<string, Owned>,
  { keeps = () => false, purge = false }: ReconcileOptions,
) {
  const { want, undo, partOf } = step;
  const given: ElementChange[] = [];
  const released: string[] = [];
  const lost: string[] = [];
  const isUndone = undo === 'down' || (undo === 'purge' && purge);
  const marked = [...seen].filter(([, { mark }]) => mark === 'ours').map(([key]) => key);
  for (const key of new Set([...owned.keys(), ...marked])) {
    if (want.has(key) || !isUndone || keeps(step, key)) continue;
    const there = seen.get(key);
    const mine = owned.get(key);
    const back = before(there, mine);
    if (isOurs(there, mine) && !same(there?.value, back)) {
      const stays = partOf?.(key).some((whole) => want.has(whole)) ?? false;
      const why = stays ? 'wanted' : 'unwanted';
      given.push({ key, from: there?.value, to: back, before: back, cause: why, ...dependentsOf(there) });
    } else if (mine) {
      released.push(key);
      if (!same(there?.value, back)) lost.push(key);
    }
  }
  return { given, released, lost };
}

/** Marked ours; or, where there is no mark or it was adopted with another's, one of the values we may have left there. */
function isOurs(there: Seen | undefined, mine: Owned | undefined): boolean {
  if (there?.mark && !(there.mark === 'other' && mine?.adopted)) return there.mark === 'ours';
  return mine?.ours.some((value) => same(value, there?.value)) ?? false;
}

const dependentsOf = (there: Seen | undefined): Pick<ElementChange, 'dependents'> =>
  there?.dependents ? { dependents: there.dependents } : {};

const before = (there: Seen | undefined, mine: Owned | undefined): unknown =>
  mine ? mine.before : there?.mark === 'ours' ? undefined : there?.value;

function cause(mine: Owned | undefined, wanted: unknown): Cause {
  if (!mine || !same(mine.meant, wanted)) return 'wanted';
  return mine.settled ? 'drift' : 'unfinished';
}
