import { isDeepStrictEqual as same } from 'node:util';
import type { HeldPlace, Holding, RunChange, RunRecord } from '../core/journal.ts';
import type { Owned } from '../core/reconcile.ts';
import type { Checkpoint, Entry, Intent } from './journal-entry.ts';

type Growing<T, K extends keyof T, V> = Omit<T, K> & Record<K, V>;
type Held = Growing<Holding, 'elements', Map<string, Owned>>;
type Change = Growing<RunChange, 'settled', boolean>;
type Run = Growing<Growing<RunRecord, 'changes', Change[]>, 'places', HeldPlace[]>;

/** What the entries so far amount to. */
export interface History {
  /** By step, oldest first. */
  readonly held: Map<string, Held>;
  /** By run, oldest first. */
  readonly runs: Map<string, Run>;
  /** What was not read back yet, by element. */
  readonly open: Map<string, Change[]>;
}

export const emptyHistory = (): History => ({ held: new Map(), runs: new Map(), open: new Map() });

/** Adds one entry to what is known. */
export function replay(history: History, entry: Entry): void {
  if (entry.type === 'run') {
    const { v: _, type: __, at: started, ...who } = entry;
    history.runs.set(entry.run, { ...who, started, changes: [], places: [] });
  } else if (entry.type === 'ended') {
    const ended = history.runs.get(entry.run);
    const { at, outcome, seconds } = entry;
    const time = seconds === undefined ? {} : { seconds };
    if (ended) history.runs.set(entry.run, { ...ended, ended: at, outcome, ...time });
  } else if (entry.type === 'checkpoint') {
    resume(history, entry);
  } else if (entry.type === 'intent') {
    intended(history, entry);
  } else {
    const held = history.held.get(entry.step);
    if (!held) return;
    if (entry.type === 'closed') history.held.set(entry.step, { ...held, unclosed: undefined });
    else {
      for (const key of entry.keys) ended(held.elements, key, entry.type);
      for (const key of entry.keys) settle(history, entry.step, key);
    }
    dropIfDone(history, entry.step);
  }
}

function intended(history: History, { run, step, kind, place, host, within, phase, closing, elements }: Intent): void {
  const known = history.held.get(step);
  const owned = known?.elements ?? new Map<string, Owned>();
  const here: HeldPlace = { step, kind, place, host, within, phase };
  history.held.set(step, { ...here, elements: owned, unclosed: known?.unclosed ?? closing });
  const record = history.runs.get(run);
  if (record && !record.places.some((each) => each.step === step)) record.places.push(here);
  for (const { key, before, from, to, adopted } of elements) {
    const mine = owned.get(key);
    const kept = adopted || mine?.adopted ? { adopted: true } : {};
    owned.set(key, { before, meant: to, ours: [...(mine?.ours ?? []), to], settled: false, ...kept });
    if (!record) continue;
    const change = { step, key, from, to, settled: false };
    record.changes.push(change);
    const id = elementId(step, key);
    history.open.set(id, [...(history.open.get(id) ?? []), change]);
  }
}

/** What a checkpoint says is all that was ours at that moment. */
function resume({ held }: History, { held: places }: Checkpoint): void {
  held.clear();
  for (const { elements, within, unclosed, ...place } of places)
    held.set(place.step, {
      ...{ ...place, within, unclosed },
      elements: new Map(elements.map(({ key, ours, ...rest }) => [key, owned(rest, ours)])),
    });
}

type Kept = Checkpoint['held'][number]['elements'][number];
const owned = ({ before, meant, ...rest }: Omit<Kept, 'key' | 'ours'>, ours: Kept['ours']): Owned => ({
  ...{ before, meant, ...rest },
  ours: ours.map(({ value }) => value),
});

/** A run that was cut off is made up for by a later one. */
function settle({ open }: History, step: string, key: string): void {
  const id = elementId(step, key);
  for (const change of open.get(id) ?? []) change.settled = true;
  open.delete(id);
}

const elementId = (step: string, key: string): string => `${step}\n${key}`;

function ended(elements: Map<string, Owned>, key: string, how: 'settled' | 'released'): void {
  const mine = elements.get(key);
  if (!mine || how === 'released' || same(mine.meant, mine.before)) elements.delete(key);
  else elements.set(key, { ...mine, ours: [mine.meant], settled: true });
}

/** A place without elements is still held while it has not been closed: its last change is not saved yet. */
function dropIfDone({ held }: History, step: string): void {
  const there = held.get(step);
  if (there && there.elements.size === 0 && !there.unclosed) held.delete(step);
}
