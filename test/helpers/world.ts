import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { defineStep } from '../../src/core/define-step.ts';
import { CpaasError, flatten } from '../../src/core/errors.ts';
import type { Event } from '../../src/core/events.ts';
import { Facts } from '../../src/core/facts.ts';
import type { Holding, Journal, RunCommand, RunOutcome, RunRecord } from '../../src/core/journal.ts';
import { type Plan, phase } from '../../src/core/plan.ts';
import type { ElementChange, Risk, Seen } from '../../src/core/step.ts';
import type { AtStake } from '../../src/engine/consent.ts';
import { type ConvergeOptions, converge } from '../../src/engine/converge.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { Instances } from '../../src/engine/instances.ts';
import { planDocument } from '../../src/engine/plan-document.ts';
import { chooseRun, notPutBack, planOfUndoing } from '../../src/engine/rollback.ts';
import { survey } from '../../src/engine/survey.ts';
import { fileJournal } from '../../src/state/journal.ts';
import { fakeArtifacts } from './fake-artifacts.ts';

const worlds = mkdtempSync(join(tmpdir(), 'cpaas-worlds-'));
process.on('exit', () => rmSync(worlds, { recursive: true, force: true }));

/** The power fails. */
class PowerCut extends Error {}
export const isPowerCut = (error: unknown): boolean => flatten(error).every((each) => each instanceof PowerCut);

export type Cell = { value: string; mark?: 'ours' | 'other' };
export type Wish = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Places that hold cells. Those called `m…` have room for a mark, those called `u…` have none; `box` holds the place `u-in-box`, which
 * goes with it; `s…` has to be saved. Of a cell `password` only the presence is seen. The power can fail before any single change or save.
 */
export class World {
  readonly places = new Map<string, Map<string, Cell>>();
  readonly saved = new Map<string, string>();
  readonly events: Event[] = [];
  /** Places that do not answer. */
  readonly dead = new Set<string>();
  readonly asked: AtStake[] = [];
  /** Which places go, as each place that was written was told last. */
  readonly told = new Map<string, readonly string[]>();
  readonly controller = new AbortController();
  readonly instances = new Instances();
  readonly file = join(mkdtempSync(join(worlds, 'w-')), 'journal.ndjson');
  risk: Risk = 'additive';
  answer = true;
  reads = 0;
  /** After how many boundaries the next run is cut off: before, within and after every line of the journal, before every change and save. */
  boundaries = Number.POSITIVE_INFINITY;
  /** Called for a place whose changes are about to be made, before anything is. */
  fetching: (place: string) => void | Promise<void> = () => {};
  /** Called before each change, to let something happen in between. */
  meanwhile: () => void = () => {};
  #journal = fileJournal(this.file);
  #power = Number.POSITIVE_INFINITY;
  #runs = 0;
  /** Which box it is. */
  #box = 0;
  /** Acts that are seen to their end: meanwhile reads are not cut off by an interrupt. */
  #steady = 0;

  constructor(initial: Wish = {}) {
    for (const [place, cells] of Object.entries(initial))
      for (const [key, value] of Object.entries(cells)) this.set(place, key, value);
  }

  /** Somebody else sets a cell. */
  set(place: string, key: string, value: string): void {
    const cells = this.places.get(place) ?? new Map<string, Cell>();
    this.places.set(place, cells.set(key, place.startsWith('m') ? { value, mark: 'other' } : { value }));
  }

  /** Somebody takes the box away, with what stood in it, and puts another one there. */
  remakeBox(inside: Readonly<Record<string, string>>): void {
    this.#box++;
    this.places.delete('u-in-box');
    for (const [key, value] of Object.entries(inside)) this.set('u-in-box', key, value);
  }

  /** The steps of a wish, each in a phase of its own, in the order given. */
  plan(wish: Wish): Plan {
    const phases = Object.entries(wish).map(([place, cells], at) =>
      phase(place, at, [this.kind({ place }, Object.entries(cells))]),
    );
    return { name: 'world', phases };
  }

  async run(
    wish: Wish,
    changes = Number.POSITIVE_INFINITY,
    options: Partial<ConvergeOptions> = {},
  ): Promise<RunOutcome> {
    return this.#during('up', changes, () =>
      converge(this.plan(wish), this.engine, { consent: this.#consent, leftovers: true, gates: true, ...options }),
    );
  }

  async rollback(run?: string, changes = Number.POSITIVE_INFINITY): Promise<RunOutcome> {
    return this.#during('rollback', changes, async () => {
      const chosen = chooseRun(this.#journal, run);
      const plan = await planOfUndoing(chosen, 'world', this.engine);
      this.#journal.begin({ run: `r${this.#runs}`, command: 'rollback', user: 'u', machine: 'm', undoes: chosen.run });
      return converge(plan, this.engine, { consent: this.#consent, leftovers: false, gates: false });
    });
  }

  /** What a rollback of that run would say that it cannot do. */
  notPutBack(run?: string): CpaasError | undefined {
    return notPutBack(chooseRun(this.#journal, run), this.engine);
  }

  /** Gives up what is ours at a place. */
  async forget(place: string): Promise<RunOutcome> {
    return this.#during('forget', Number.POSITIVE_INFINITY, async () => {
      const holding = this.#journal.holding(`cells:${place}`);
      if (!holding) return 'unchanged';
      this.#journal.release(holding.step, [...holding.elements.keys()]);
      if (this.#journal.holding(holding.step)) this.#journal.closed(holding.step);
      return 'applied';
    });
  }

  async document(wish: Wish) {
    const { engine } = this;
    const found = await survey(this.plan(wish), engine, new Facts(engine.ctx), { leftovers: true });
    return planDocument('world', found, engine);
  }

  canRollBack(): boolean {
    try {
      return chooseRun(fileJournal(this.file), undefined) !== undefined;
    } catch {
      return false;
    }
  }

  holdings(): readonly Holding[] {
    return this.#journal.holdings();
  }

  runs(): readonly RunRecord[] {
    return this.#journal.runs();
  }

  dump(): Wish {
    const full = [...this.places].filter(([, cells]) => cells.size > 0);
    return Object.fromEntries(full.map(([place, cells]) => [place, values(cells)]));
  }

  applied(): readonly string[] {
    return this.events.flatMap((event) => (event.type === 'step.applied' ? [event.step] : []));
  }

  causes(): readonly string[] {
    return this.events.flatMap((event) =>
      event.type === 'step.applied' ? event.changes.map(({ cause }) => cause) : [],
    );
  }

  get engine(): Engine {
    const named = (name: string) => ({ name }) as never;
    return {
      ctx: {
        host: named,
        identity: async (key) => key,
        artifacts: fakeArtifacts(),
        secret: async () => '',
        signal: this.controller.signal,
      },
      journal: this.#journal,
      emit: (event) => this.events.push(event),
      revive: ({ place }, want) => this.kind.revive(place, want),
      instances: this.instances,
      parallel: 30,
      clock: () => 0,
      uninterrupted: async (act) => {
        this.#steady++;
        try {
          const never = new AbortController().signal;
          return await act({ ...this.engine, ctx: { ...this.engine.ctx, signal: never } });
        } finally {
          this.#steady--;
        }
      },
    };
  }

  readonly kind = defineStep<{ place: string }, string>({
    kind: 'cells',
    place: z.object({ place: z.string() }),
    value: z.string(),
    undo: 'down',
    id: ({ place }) => place,
    title: ({ place }) => place,
    host: ({ place }) => place,
    within: ({ place }) => (place === 'u-in-box' ? { step: 'cells:box', key: 'box' } : undefined),
    claim: (key, seen, _, ours) =>
      seen && !ours && seen.mark === 'other' ? { conflict: `${key} is ${seen.value}` } : 'take',
    hidden: (key) => key === 'password',
    risk: () => ({ risk: this.risk }),
    commands: () => [],
    fetch: async (_, { place }) => this.fetching(place),
    read: async (_, { place }, keys) => {
      this.reads++;
      if (this.#steady === 0) this.controller.signal.throwIfAborted();
      this.#mustAnswer(place);
      const instance = place === 'box' ? { instance: `${this.#box}` } : {};
      const cells = [...(this.places.get(place) ?? [])].map(([key, cell]) => [key, { ...cell, ...instance }] as const);
      return new Map<string, Seen<string>>(cells.filter(([key, { mark }]) => mark === 'ours' || keys.has(key)));
    },
    write: async (ctx, { place }, changes) => {
      this.told.set(
        place,
        [...this.places.keys()].filter((each) => ctx.isGoing(`cells:${each}`)),
      );
      for (const each of changes) this.#change(place, each);
    },
    close: {
      id: ({ place }) => `save:${place}`,
      title: () => 'save',
      commands: () => [],
      act: async (_, { place }) => {
        if (!place.startsWith('s')) return undefined;
        this.#mustAnswer(place);
        this.#consume();
        this.saved.set(place, JSON.stringify(values(this.places.get(place) ?? new Map())));
        return undefined;
      },
    },
  });

  async #during(command: RunCommand, power: number, act: () => Promise<RunOutcome>): Promise<RunOutcome> {
    // as a new process would: from the file alone
    this.#journal = this.#fragile(fileJournal(this.file));
    this.#power = power;
    this.#journal.begin({ run: `r${++this.#runs}`, command, user: 'u', machine: 'm' });
    const outcome = await act();
    this.#journal.end(outcome);
    return outcome;
  }

  readonly #consent = async (stakes: readonly AtStake[]): Promise<boolean> => {
    this.asked.push(...stakes);
    return this.answer;
  };

  #mustAnswer(place: string): void {
    if (this.dead.has(place)) throw new CpaasError('HOST.UNREACHABLE', `${place} does not answer`);
  }

  /** A journal whose process may end before a line, in the middle of it, or right after it. */
  #fragile(journal: Journal): Journal {
    const write =
      <Words extends readonly unknown[]>(act: (...words: Words) => void) =>
      (...words: Words): void => {
        this.#pass();
        const before = this.#journalText().length;
        act(...words);
        const after = this.#journalText().length;
        if (this.boundaries < 1 && after > before) truncateSync(this.file, before + Math.floor((after - before) / 2));
        this.#pass();
        this.#pass();
      };
    const { intend, settle, release, closed, end } = journal;
    return {
      ...journal,
      intend: write(intend),
      settle: write(settle),
      release: write(release),
      closed: write(closed),
      end: write(end),
    };
  }

  #journalText(): Buffer {
    try {
      return readFileSync(this.file);
    } catch {
      return Buffer.alloc(0);
    }
  }

  #pass(): void {
    if (this.boundaries-- < 1) throw new PowerCut();
  }

  #consume(): void {
    this.#pass();
    this.meanwhile();
    if (this.#power-- <= 0) throw new PowerCut();
  }

  #change(place: string, { key, to }: ElementChange<string>): void {
    this.#consume();
    const cells = this.places.get(place) ?? new Map<string, Cell>();
    this.places.set(place, cells);
    if (to !== undefined) cells.set(key, place.startsWith('m') ? { value: to, mark: 'ours' } : { value: to });
    else if (!cells.delete(key)) throw new Error(`${place}: there is no ${key}`);
    if (place === 'box' && to === undefined) this.places.delete('u-in-box');
  }
}

const values = (cells: ReadonlyMap<string, Cell>): Readonly<Record<string, string>> =>
  Object.fromEntries([...cells].map(([key, { value }]) => [key, value]));
