import type { ZodType } from 'zod';
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
  /** What hangs on it: the sessions of a peer group. Left out where nothing does. */
  readonly dependents?: readonly string[];
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

/** When a place gives back what it had: on `down` and `rollback`, only with `--purge` (packages, tools), or not at all (a grown volume). */
export type Undo = 'down' | 'purge' | 'never';

/** A command as `plan --commands` prints it. What only the write knows stands as a named placeholder: `<revision>`. */
export interface Command {
  /** Key in the host table; the step's own host when left out. */
  readonly host?: string;
  readonly argv: readonly string[];
  readonly stdin?: string;
}

/** What has to be done once at a changed place after everything was read back: confirm, save. Places that share an `id` share the act. */
export interface Closing<Place> {
  /** Places that have nothing to close; none when left out. */
  needless?(place: Place): boolean;
  id(place: Place): string;
  title(place: Place): string;
  commands(place: Place): readonly Command[];
  /** Looks before the first change of the place; what it finds is journaled and handed to `act`, also after a crash. */
  before?(ctx: Reader, place: Place): Promise<unknown>;
  /**
   * Returns a remark for the user where it decided not to act. Must bear repetition. `found` is what `before` found at each place that
   * shares the act: later ones have seen what was changed at earlier ones.
   */
  act(ctx: Writer, place: Place, found: readonly unknown[]): Promise<string | undefined>;
}

/**
 * A kind of thing cpaas manages: a keyed set of elements in one place, such as the routes of a host or the neighbors of a
 * router. Its author says how to see the elements and how to change them in one batch. Planning, skipping, verifying,
 * repairing, pruning and undoing follow from that; no kind has code for them.
 */
export interface StepKind<Place, Value> {
  /** `host.routes`, `calico.bgp-peers`, `bigip.bgp`: written to the journal, so for ever. */
  readonly kind: string;
  /** Where the set is. It is journaled, so it must be enough to find the place without the cluster file; secrets by reference only. */
  readonly place: ZodType<Place>;
  /** One element, whole: all that undo needs to restore somebody else's, its mark included. */
  readonly value: ZodType<Value>;
  readonly undo: Undo;
  /** False where nothing can be taken away, so that `--adopt` means nothing: a setting always has some value. */
  readonly adoptable?: false;
  /** What makes two places the same one, in the world and not in the file; with `kind` it is the step's id for ever. */
  id(place: Place): string;
  /** What the place is to a person, without the host's name: `BGP on route domain 0`. */
  title(place: Place): string;
  /** Key of the host it acts on: the steps of one host run one after another. */
  host(place: Place): string;
  /** The element whose removal takes this place with it, such as the lab a router stands in. */
  within?(place: Place): Container | undefined;
  /** The elements that bear our mark or that stand where one of `keys` should. Changes nothing. */
  read(ctx: Reader, place: Place, keys: ReadonlySet<string>): Promise<ReadonlyMap<string, Seen<Value>>>;
  /**
   * Asked before every wanted change. `seen` is what stands there (nothing: the element has to be made), `ours` whether we put it
   * there. Never asked about removals of what is ours; about somebody's that is so already only with `--adopt`: what is not left with
   * `leave` is not adopted where it bears another's mark.
   */
  claim(key: string, seen: Seen<Value> | undefined, want: Value, ours: boolean, place: Place): Claim;
  risk(change: ElementChange<Value>, place: Place): RiskOf;
  /**
   * Elements any of which this one may be a part of, as an attribute is of its neighbor. While one of them stays wanted, giving this
   * one up changes that one, in its turn; it is not put back after everything else.
   */
  partOf?(key: string): readonly string[];
  /** One change for people: `asNumber 64512`, `10.53.0.0/26 via 172.19.0.2`. The key and the values when left out. */
  describe?(change: ElementChange<Value>): string;
  /** Exactly what `write` will send, for `plan`. */
  commands(place: Place, changes: readonly ElementChange<Value>[]): readonly Command[];
  /**
   * Makes the changes in one batch, in an order the place accepts. May be cut off anywhere; must bear being asked again. When left
   * out, `commands` are run one after another.
   */
  write?(ctx: Writer, place: Place, changes: readonly ElementChange<Value>[]): Promise<void>;
  readonly close?: Closing<Place>;
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
  read(ctx: Reader, keys: ReadonlySet<string>): Promise<ReadonlyMap<string, Seen>>;
  claim(key: string, seen: Seen | undefined, want: unknown, ours: boolean): Claim;
  risk(change: ElementChange): RiskOf;
  partOf?(key: string): readonly string[];
  describe(change: ElementChange): string;
  commands(changes: readonly ElementChange[]): readonly Command[];
  write(ctx: Writer, changes: readonly ElementChange[]): Promise<void>;
}

export type Wanted<Value> = Iterable<readonly [string, Value]>;

/** Makes steps of one kind; the registry holds these so that a journal record can become a step again. */
export interface StepFactory<Place, Value> {
  readonly kind: string;
  (place: Place, want: Wanted<Value>): Step;
  /** The same place from the journal, with the wishes given; none when left out. */
  revive(place: unknown, want?: Wanted<unknown>): Step;
}

export function defineStep<Place, Value>(spec: StepKind<Place, Value>): StepFactory<Place, Value> {
  const value = (raw: unknown) => (raw === undefined ? undefined : spec.value.parse(raw));
  const parse = ({ from, to, before, adopted: _, ...change }: ElementChange): ElementChange<Value> => ({
    ...change,
    from: value(from),
    to: value(to),
    before: value(before),
  });
  const bind = (place: Place, want: Wanted<unknown>): Step => ({
    id: `${spec.kind}:${spec.id(place)}`,
    kind: spec.kind,
    title: spec.title(place),
    host: spec.host(place),
    undo: spec.undo,
    adoptable: spec.adoptable ?? spec.undo !== 'never',
    within: spec.within?.(place),
    place,
    want: new Map([...want].map(([key, wanted]) => [key, plain(wanted)])),
    close: spec.close && !spec.close.needless?.(place) ? bindClosing(spec.close, place) : undefined,
    read: async (ctx, keys) => {
      const seen = await spec.read(ctx, place, keys);
      return new Map([...seen].map(([key, { value, ...mark }]) => [key, { value: plain(value), ...mark }]));
    },
    claim: (key, seen, wanted, ours) =>
      spec.claim(key, seen && { ...seen, value: spec.value.parse(seen.value) }, spec.value.parse(wanted), ours, place),
    risk: (change) => spec.risk(parse(change), place),
    partOf: (key) => spec.partOf?.(key) ?? [],
    describe: (change) => spec.describe?.(parse(change)) ?? words(change),
    commands: (changes) => spec.commands(place, changes.map(parse)),
    write: async (ctx, changes) => {
      const parsed = changes.map(parse);
      if (spec.write) return spec.write(ctx, place, parsed);
      for (const { host = spec.host(place), argv, stdin } of spec.commands(place, parsed))
        await ctx.host(host).run(argv, stdin === undefined ? {} : { stdin });
    },
  });
  return Object.assign(bind, {
    kind: spec.kind,
    revive: (place: unknown, want: Wanted<unknown> = []) => bind(spec.place.parse(place), want),
  });
}

function bindClosing<Place>(close: Closing<Place>, place: Place): Closer {
  return {
    id: close.id(place),
    title: close.title(place),
    commands: close.commands(place),
    before: async (ctx) => close.before?.(ctx, place),
    act: (ctx, found) => close.act(ctx, place, found),
  };
}

const words = ({ key, from, to }: ElementChange): string => [key, shown(to ?? from)].filter(Boolean).join(' ');
const shown = (value: unknown): string =>
  value === true || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

/** As the journal will give it back: absent properties are absent, not undefined. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
