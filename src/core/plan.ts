import type { Reader } from './context.ts';
import type { CpaasError } from './errors.ts';
import type { Facts } from './facts.ts';
import type { Gate } from './gate.ts';
import type { Step } from './step.ts';

/** Steps of one phase may run together, host by host; phases run in order. Some can be spelled out only when earlier ones have run. */
export interface Phase {
  readonly name: string;
  /** Place in the order of all phases that any plan may have: the journal remembers it, and undoing goes through it backwards. */
  readonly rank: number;
  /** The kinds of steps it may hold: while it is deferred, holdings of these kinds are not taken for unwanted. */
  readonly kinds: readonly string[];
  /** Names of earlier phases that must have nothing left to change before its steps can be known. */
  readonly needs: readonly string[];
  /** How a person sees it: one heading, or one for each host it acts on. */
  readonly by: 'phase' | 'host';
  /** What can be said of it while it is deferred. */
  readonly preview: readonly string[];
  /** `isOurs` tells by its id whether something of a step is ours now; nothing is where it is left out. */
  steps(facts: Facts, isOurs?: IsOurs): Promise<readonly Step[]>;
  /** Brings here what its steps may need from elsewhere, before the first change of a run that finds it deferred. */
  fetch(ctx: Reader): Promise<void>;
  /** Of its steps, where they are only some of those that the phase once had: one after another when left out. */
  readonly turns?: readonly number[];
  /** What must hold before the next phase starts. */
  readonly until: readonly Gate[];
  /** What is waited for before anything is read at all: machines that were started again just now are not yet what they will be. */
  readonly atRest: readonly Gate[];
}

export type IsOurs = (step: string) => boolean;

export interface Plan {
  /** The cluster's name. */
  readonly name: string;
  readonly phases: readonly Phase[];
}

export type PhaseOptions = Partial<Pick<Phase, 'needs' | 'by' | 'fetch' | 'preview' | 'until' | 'atRest' | 'turns'>>;

/** A phase whose steps are known from the file alone. */
export function phase(name: string, rank: number, steps: readonly Step[], options: PhaseOptions = {}): Phase {
  const kinds = [...new Set(steps.map(({ kind }) => kind))];
  return phaseFrom(name, rank, kinds, async () => steps, options);
}

/** A phase whose steps are a function of facts. */
export function phaseFrom(
  name: string,
  rank: number,
  kinds: readonly string[],
  steps: Phase['steps'],
  { needs = [], by = 'phase', preview = [], fetch = async () => {}, until = [], atRest = [], turns }: PhaseOptions = {},
): Phase {
  return { name, rank, kinds, needs, by, preview, steps, fetch, until, atRest, ...(turns ? { turns } : {}) };
}

/** Kind of a step that stands for all those of a host that could not even be identified. */
export const UNREACHABLE = 'unreachable';

/** Stands for the steps of a host that could not even be identified: looking at it says why. */
export function unreachableStep(host: string, title: string, error: CpaasError): Step {
  return {
    id: `${UNREACHABLE}:${host}`,
    kind: UNREACHABLE,
    title,
    host,
    undo: 'never',
    adoptable: false,
    within: undefined,
    place: {},
    want: new Map(),
    close: undefined,
    read: () => Promise.reject(error),
    claim: () => 'leave',
    risk: () => ({ risk: 'additive' }),
    describe: () => title,
    fetch: async () => {},
    commands: () => [],
    write: () => Promise.reject(error),
  };
}

/** Wants nothing: running it undoes everything we own. */
export const nothing = (name: string): Plan => ({ name, phases: [] });
