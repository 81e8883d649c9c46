import type { ZodType } from 'zod';
import type { Reader, Writer } from './context.ts';
import type { Claim, Command, Container, ElementChange, Past, RiskOf, Seen, Undo } from './step.ts';

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
  /**
   * The elements that bear our mark or that stand where one of `keys` should. Changes nothing. What looks ask of a host at the same time goes
   * there in one round trip: a `read` that asks all it can at once is as quick as it can be.
   */
  read(ctx: Reader, place: Place, keys: ReadonlySet<string>): Promise<ReadonlyMap<string, Seen<Value>>>;
  /**
   * Asked before every wanted change. `seen` is what stands there (nothing: the element has to be made), `ours` whether we put it
   * there. Never asked about removals of what is ours; about somebody's that is so already only with `--adopt`: what is not left with
   * `leave` is not adopted where it bears another's mark.
   */
  claim(key: string, seen: Seen<Value> | undefined, want: Value, ours: boolean, place: Place, past: Past): Claim;
  risk(change: ElementChange<Value>, place: Place): RiskOf;
  /**
   * Elements any of which this one may be a part of, as an attribute is of its neighbor. While one of them stays wanted, giving this
   * one up changes that one, in its turn; it is not put back after everything else.
   */
  partOf?(key: string): readonly string[];
  /** Whether only the presence of an element can be seen, as of a password: asked to, it is written again as it is wanted. */
  hidden?(key: string): boolean;
  /** One change for people: `asNumber 64512`, `10.53.0.0/26 via 172.19.0.2`. The key and the values when left out. */
  describe?(change: ElementChange<Value>, place: Place): string;
  /**
   * Brings here what `write` will need from elsewhere, and sees that it is fit. Asked of all steps before the first change of a run, and
   * perhaps not at all; changes no host.
   */
  fetch?(ctx: Reader, place: Place, changes: readonly ElementChange<Value>[]): Promise<void>;
  /** Exactly what `write` will send, for `plan`. */
  commands(place: Place, changes: readonly ElementChange<Value>[]): readonly Command[];
  /**
   * Makes the changes in one batch, in an order the place accepts. May be cut off anywhere; must bear being asked again. When left
   * out, `commands` are run one after another.
   */
  write?(ctx: Writer, place: Place, changes: readonly ElementChange<Value>[]): Promise<void>;
  readonly close?: Closing<Place>;
}
