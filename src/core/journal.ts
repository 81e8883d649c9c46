import type { CpaasError } from './errors.ts';
import type { Owned } from './reconcile.ts';
import type { Container, ElementChange } from './step.ts';

/** What is enough to make a step again without the cluster file. */
export interface Recipe {
  readonly kind: string;
  readonly place: unknown;
}

/** A place of the journal. */
export interface HeldPlace extends Recipe {
  readonly step: string;
  /** Key of its host. */
  readonly host: string;
  /** What it stands in, with the recipe of that: somebody may have removed it by hand, and then nothing within is left to undo; nor where it was made anew since, which `instance` tells. */
  readonly within: (Container & Recipe & { readonly instance?: string }) | undefined;
  /** The phase it belongs to, and its turn in it: undoing goes through both backwards, whoever undoes, and whatever was undone before. */
  readonly phase: { readonly name: string; readonly rank: number; readonly turn: number };
}

/** A place where we own elements. */
export interface Holding extends HeldPlace {
  readonly elements: ReadonlyMap<string, Owned>;
  /** Changed since it was last closed (confirmed, saved); with what was seen before the first of these changes. */
  readonly unclosed: { readonly before: unknown } | undefined;
}

export type RunCommand =
  | 'up'
  | 'down'
  | 'rollback'
  | 'forget'
  | 'bgp peer'
  | 'bgp unpeer'
  | 'routes sync'
  | 'routes clear';
export type RunOutcome = 'applied' | 'unchanged' | 'failed' | 'interrupted' | 'declined';

/** One run of cpaas that changed something, or tried to. */
export interface RunRecord {
  readonly run: string;
  readonly command: RunCommand;
  /** ISO 8601. The clock may have been put back in between: the order of runs is theirs in the journal. */
  readonly started: string;
  readonly ended?: string;
  /** How long it took, by a clock that nobody puts back. */
  readonly seconds?: number;
  /** Nothing yet, or the run was cut off. */
  readonly outcome?: RunOutcome;
  readonly user: string;
  readonly machine: string;
  /** Of the cpaas that did it. */
  readonly version?: string;
  /** The run that this one undid. */
  readonly undoes?: string;
  readonly changes: readonly RunChange[];
  /** The places of these changes. */
  readonly places: readonly HeldPlace[];
}

/** What one run did to one element. `from` is what it found. */
export interface RunChange {
  readonly step: string;
  readonly key: string;
  readonly from: unknown;
  readonly to: unknown;
  /** Whether it was read back, in this run or in one that made up for it; or given up since. */
  readonly settled: boolean;
}

/** What we have done to the world and not undone. An intent is on disk before its first change starts. */
export interface Journal {
  /**
   * Names the run that the next entries belong to. Nothing is written until there is something to say. Rejects with `JOURNAL.NEWER` where
   * a later cpaas has written what this one does not understand.
   */
  begin(run: Pick<RunRecord, 'run' | 'command' | 'user' | 'machine' | 'version' | 'undoes'>): void;
  /** `closing` is there when the place has to be closed after these changes. */
  intend(place: HeldPlace, changes: readonly ElementChange[], closing?: { readonly before: unknown }): void;
  settle(step: string, keys: readonly string[]): void;
  release(step: string, keys: readonly string[]): void;
  closed(step: string): void;
  /** Written once, and only when the run has written something before. */
  end(outcome: RunOutcome, seconds?: number): void;
  /** Oldest first. */
  holdings(): readonly Holding[];
  holding(step: string): Holding | undefined;
  /** Oldest first. */
  runs(): readonly RunRecord[];
  /** Why this cpaas cannot know all that the journal says, where that is so. */
  readonly newer: CpaasError | undefined;
}
