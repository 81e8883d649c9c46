import type { Owned } from './reconcile.ts';
import type { Container, ElementChange } from './step.ts';

/** A place where we own elements. `kind` and `place` are enough to become a step again. */
export interface Holding {
  readonly step: string;
  readonly kind: string;
  readonly place: unknown;
  /** Key of its host. */
  readonly host: string;
  readonly within: Container | undefined;
  /** The phase it belongs to: undoing goes through the phases backwards. */
  readonly phase: { readonly name: string; readonly rank: number };
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
  /** ISO 8601. */
  readonly started: string;
  readonly ended?: string;
  /** Nothing yet, or the run was cut off. */
  readonly outcome?: RunOutcome;
  readonly user: string;
  readonly machine: string;
  readonly changes: readonly RunChange[];
}

/** What one run did to one element. `from` is what it found. */
export interface RunChange {
  readonly step: string;
  readonly key: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** What we have done to the world and not undone. An intent is on disk before its first change starts. */
export interface Journal {
  /** Names the run that the next entries belong to. Nothing is written until there is something to say. */
  begin(run: Pick<RunRecord, 'run' | 'command' | 'user' | 'machine'>): void;
  intend(
    step: Pick<Holding, 'step' | 'kind' | 'place' | 'host' | 'within' | 'phase' | 'unclosed'>,
    changes: readonly ElementChange[],
  ): void;
  settle(step: string, keys: readonly string[]): void;
  release(step: string, keys: readonly string[]): void;
  closed(step: string): void;
  /** Written only when the run has written something before. */
  end(outcome: RunOutcome): void;
  /** Oldest first. */
  holdings(): readonly Holding[];
  holding(step: string): Holding | undefined;
  /** Oldest first. */
  runs(): readonly RunRecord[];
}
