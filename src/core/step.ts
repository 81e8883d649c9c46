import type { Reader, Writer } from './context.ts';
import type { ErrorCode } from './errors.ts';

/** How much of the running system a change can disturb; the CLI asks for consent from `disruptive` up. */
export type Risk = 'additive' | 'disruptive' | 'destructive';

/** `why` says what dies: "the session with 172.19.0.4". */
export interface RiskOf {
  readonly risk: Risk;
  readonly why?: string;
}

/** Why an element has to change. */
export type Cause =
  /** The file asks for it. */
  | 'wanted'
  /** We had set it, and it changed since. */
  | 'drift'
  /** A run was cut off before it got there. */
  | 'unfinished'
  /** We had set it, and the file no longer asks for it. */
  | 'unwanted';

/** One element on its way; `undefined` is absence. Printed by `plan`, carried in JSON, written to the journal. */
export interface ElementChange<Value = unknown> {
  readonly key: string;
  readonly from: Value | undefined;
  readonly to: Value | undefined;
  /** What undo would restore: there before we first touched it. */
  readonly before: Value | undefined;
  readonly cause: Cause;
  /** Nothing is written: somebody else's element becomes ours as it is. */
  readonly adopted?: true;
  /** What ends when the element goes or becomes another, as it was seen: `risk` names it. */
  readonly dependents?: readonly string[];
}

/** An element as found. Where the place has room for a mark it tells whose it is; elsewhere the journal decides. */
export interface Seen<Value = unknown> {
  readonly value: Value;
  readonly mark?: 'ours' | 'other';
  /** What tells a container of other places from one that is made in its place later. Left out where nothing does. */
  readonly instance?: string;
  /** What hangs on it: the sessions of a peer group. Left out where nothing does. */
  readonly dependents?: readonly string[];
  /** What whoever plans a change should know, though it stands in nobody's way. */
  readonly notes?: readonly string[];
}

/** An element of another place that holds this one: the k3d cluster its API objects live in. */
export interface Container {
  readonly step: string;
  readonly key: string;
}

/**
 * Before every change: may it be made? `leave` accepts what is there, `take` makes the change (undo puts back what was there),
 * and a conflict refuses the whole run and says why; `code` where there is a page about just that.
 */
export type Claim = 'leave' | 'take' | { readonly conflict: string; readonly code?: ErrorCode };

/** What the journal knows of an element that would be changed. */
export interface Past {
  readonly cause: Cause;
  /** Whether it has a value that we may have left there. What is ours without it was changed by somebody, or has gone. */
  readonly asLeft: boolean;
}

/** When a place gives back what it had: on `down` and `rollback`, only with `--purge` (packages, tools), or not at all (a grown volume). */
export type Undo = 'down' | 'purge' | 'never';

/** A command as `plan --commands` prints it. What only the write knows stands as a named placeholder: `<revision>`. */
export interface Command {
  /** Key in the host table; the step's own host when left out. */
  readonly host?: string;
  readonly argv: readonly string[];
  readonly stdin?: string;
}

/** `Closing` bound to a place. */
export interface Closer {
  readonly id: string;
  readonly title: string;
  readonly commands: readonly Command[];
  before(ctx: Reader): Promise<unknown>;
  act(ctx: Writer, found: readonly unknown[]): Promise<string | undefined>;
}

/** A kind bound to a place and to what is wanted there: what plans hold and the engine runs. The generics end here. */
export interface Step {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly host: string;
  readonly undo: Undo;
  readonly adoptable: boolean;
  readonly within: Container | undefined;
  readonly place: unknown;
  readonly want: ReadonlyMap<string, unknown>;
  readonly close: Closer | undefined;
  /**
   * Kinds of which its host may have steps that nobody can name now, or that nobody means to name: what is ours of them there stays, and is
   * not taken for unwanted.
   */
  readonly keeps?: readonly string[];
  read(ctx: Reader, keys: ReadonlySet<string>): Promise<ReadonlyMap<string, Seen>>;
  claim(key: string, seen: Seen | undefined, want: unknown, ours: boolean, past?: Past): Claim;
  risk(change: ElementChange): RiskOf;
  partOf?(key: string): readonly string[];
  hidden?(key: string): boolean;
  describe(change: ElementChange): string;
  fetch(ctx: Reader, changes: readonly ElementChange[]): Promise<void>;
  commands(changes: readonly ElementChange[]): readonly Command[];
  write(ctx: Writer, changes: readonly ElementChange[]): Promise<void>;
}

export type Wanted<Value> = Iterable<readonly [string, Value]>;
