import { isDeepStrictEqual as same } from 'node:util';
import type { HeldPlace, Holding, RunChange, RunRecord } from '../core/journal.ts';
import type { Owned } from '../core/reconcile.ts';
import type { Entry, Intent } from './journal-entry.ts';

type Growing<T, K extends keyof T, V> = Omit<T, K> & Record<K, V>;
type Held = Growing<Holding, 'elements', Map<string, Owned>>;
type Run = Growing<Growing<RunRecord, 'changes', RunChange[]>, 'places', HeldPlace[]>;

/** What the entries so far amount to. */
export interface History {
  /** By step, oldest first. */
  readonly held: Map<string, Held>;
  /** By run, oldest first. */
  readonly runs: Map<string, Run>;
}

/** Adds one entry to what is known. */
export function replay(history: History, entry: Entry): void {
  if (entry.type === 'run') {
    const { run, command, at, user, machine, undoes } = entry;
    const undoing = undoes === undefined ? {} : { undoes };
    history.runs.set(run, { run, command, started: at, user, machine, ...undoing, changes: [], places: [] });
  } else if (entry.type === 'ended') {
    const ended = history.runs.get(entry.run);
    if (ended) history.runs.set(entry.run, { ...ended, ended: entry.at, outcome: entry.outcome });
  } else if (entry.type === 'intent') {
    intended(history, entry);
  } else {
    const held = history.held.get(entry.step);
    if (!held) return;
    if (entry.type === 'closed') history.held.set(entry.step, { ...held, unclosed: undefined });
    else for (const key of entry.keys) ended(held.elements, key, entry.type);
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
    record?.changes.push({ step, key, from, to });
  }
}

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
