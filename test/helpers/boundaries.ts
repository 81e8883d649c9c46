import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect } from 'vitest';
import { fileJournal } from '../../src/state/journal.ts';
import type { Ended, Workspace } from './cpaas.ts';
import { until } from './lab.ts';

const HOOK = new URL('fault-hook.js', import.meta.url).href;
const BIN = fileURLToPath(new URL('../../bin/cpaas.js', import.meta.url));

/** A moment of a run, as `fault-hook.js` tells it. */
export interface Boundary {
  readonly when: 'before' | 'torn' | 'after' | 'sends' | 'reads';
  /** Of the journal. */
  readonly entry?: string;
  readonly step?: string;
  /** The entry written last, and how many changes were sent since. */
  readonly window?: string;
  readonly changes?: number;
  readonly text?: string;
}

/** A line that is typed at a unit, whichever step types it. */
export const typed = (text: string): Boundary => ({ when: 'sends', text });

/** As the hook compares: what was sent may have something random in it where window and number tell it already. */
const told = ({ text, ...at }: Boundary): string => JSON.stringify(at.window === undefined ? { ...at, text } : at);

/** Passes a run through to its end and tells every boundary that it came by. */
export async function boundariesOf(lab: Workspace, ...args: readonly string[]): Promise<readonly Boundary[]> {
  const trace = join(lab.folder, 'trace');
  rmSync(trace, { force: true });
  const { exitCode, stdout, stderr } = await hooked(lab, args, { CPAAS_FAULT_TRACE: trace });
  expect({ exitCode, stdout, stderr: exitCode === 0 ? '' : stderr }).toMatchObject({ exitCode: 0, stderr: '' });
  if (!existsSync(trace)) throw new Error(`cpaas ${args.join(' ')} changed nothing`);
  const lines = readFileSync(trace, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Boundary);
}

/** What a run came to in which something happened at a boundary. `does`: as `CPAAS_FAULT_DO`. */
export async function ranInto(
  lab: Workspace,
  at: Boundary | undefined,
  does: object,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const env = at ? { CPAAS_FAULT_AT: told(at), CPAAS_FAULT_DO: JSON.stringify(does) } : {};
  const { exitCode: code = -1, stdout, stderr } = await hooked(lab, [...args, '-o', 'json'], { ...env, ...more });
  return { code, stdout, stderr };
}

/** Starts a run that kills itself at a boundary, with SIGKILL. */
export async function killAt(lab: Workspace, at: Boundary, ...args: readonly string[]): Promise<void> {
  const { signal, exitCode, stderr } = await hooked(lab, args, { CPAAS_FAULT_AT: told(at) });
  expect({ at, signal, exitCode, stderr: signal ? '' : stderr }).toEqual({
    ...{ at, signal: 'SIGKILL', exitCode: undefined, stderr: '' },
  });
}

/** The process that holds a cluster's lock, once it has stopped itself. */
export async function stoppedIn({ state, name }: Workspace): Promise<number> {
  let pid = 0;
  await until(async () => {
    const lock = join(state, name, 'lock');
    if (!existsSync(lock)) return false;
    ({ pid } = JSON.parse(readFileSync(lock, 'utf8')) as { pid: number });
    const { stdout } = await execa('ps', ['-o', 'stat=', '-p', `${pid}`], { reject: false });
    return stdout.startsWith('T');
  });
  return pid;
}

function hooked({ by, file, state }: Workspace, args: readonly string[], env: Readonly<Record<string, string>>) {
  const cpaas = [process.execPath, '--import', HOOK, BIN, '-f', file, '--state-dir', state];
  const [program = '', ...words] = [...by, ...cpaas, ...args, '--progress', 'none'];
  return execa(program, words, { reject: false, stdin: 'ignore', env: { ...env, NO_COLOR: '1' } });
}

/** The moments at which a run may be cut off, in words, with all boundaries of a run that are such a moment. */
export type Moments = ReadonlyMap<string, readonly Boundary[]>;

/** Sorts the boundaries of a run by what they mean. */
export function momentsOf(all: readonly Boundary[]): Moments {
  const entries = (when: Boundary['when'], entry: string) =>
    all.filter((each) => each.when === when && each.entry === entry);
  const intents = entries('before', 'intent');
  const inside = intents.map(({ step }) =>
    all.filter((each) => each.window === 'intent' && each.step === step && each.changes !== 0),
  );
  const closed = entries('before', 'closed').map(({ step }) => step);
  const closing = entries('after', 'settled').findLast(({ step }) => closed.includes(step));
  const from = closing ? all.indexOf(closing) : all.length;
  const to = all.findLastIndex(({ entry }) => entry === 'closed');
  return new Map([
    ['before the intent is written', intents],
    ['in the middle of writing the intent', intents.map((each) => ({ ...each, when: 'torn' as const }))],
    ['after the intent, before the change', entries('after', 'intent')],
    ['in the middle of the change', inside.flatMap((each) => middle(each.filter(({ when }) => when === 'sends')))],
    ['before the read-back', inside.flatMap(firstReadBack)],
    ['before the settling entry', entries('before', 'settled')],
    ['before the closing act', closing ? [closing] : []],
    ['in the closing act', all.slice(from, Math.max(from, to)).filter(({ when }) => when === 'sends')],
    ['before the end of the run', entries('before', 'ended')],
  ]);
}

const middle = <T>(list: readonly T[]): readonly T[] => list.slice(Math.floor(list.length / 2)).slice(0, 1);

/** The first question after the last thing that was sent. */
function firstReadBack(inside: readonly Boundary[]): readonly Boundary[] {
  const last = inside.findLastIndex(({ when }) => when === 'sends');
  return inside.slice(last + 1).slice(0, 1);
}

/** The run that was cut off, where it left something to undo. */
export function cutOff({ state, name }: Workspace): string | undefined {
  const last = fileJournal(join(state, name, 'journal.ndjson'), { whole: true })
    .runs()
    .at(-1);
  return last && last.outcome === undefined && last.changes.length > 0 ? last.run : undefined;
}
