import { expect } from 'vitest';
import type { RunDocument } from '../../src/core/documents.ts';
import { type Boundary, ranInto } from './boundaries.ts';
import type { Workspace } from './cpaas.ts';
import { expectDump } from './dumps.ts';
import type { FaultTable } from './fault-table.ts';
import { endsWell, type Moment, type Victim } from './kill-cells.ts';

/** Something of the world that goes wrong while a command is at work. */
export interface Fault {
  readonly name: string;
  /** When it strikes; from the start on when left out. */
  readonly moment?: Moment;
  /** At which kind of step; at any when left out. */
  readonly step?: string;
  /** What happens there: as `CPAAS_FAULT_DO`. */
  readonly does?: object;
  readonly env?: Readonly<Record<string, string>>;
  /** Said to the command as well. */
  readonly words?: readonly string[];
  begin?(): unknown;
  heal?(): unknown;
  /** The exit code. 0 where the command does what it promises all the same. */
  readonly code: number;
  /** The code of the error, where there is one. */
  readonly tells?: RegExp;
}

/** Whether a command comes by where a fault strikes. */
export const meets = (victim: Victim, fault: Fault): boolean =>
  fault.moment === undefined || boundaryOf(victim, fault) !== undefined;

const boundaryOf = ({ moments }: Victim, { moment, step = '' }: Fault): Boundary | undefined =>
  moment && moments.get(moment)?.find((each) => each.step?.startsWith(step));

/** Runs a command into a fault, and takes that away again. What is said has to be true: the error's code, and the exit's. */
async function strike(lab: Workspace, victim: Victim, fault: Fault): Promise<void> {
  const { name, does = {}, env, words = [], code, tells } = fault;
  const args = [...victim.args, ...words];
  await fault.begin?.();
  const at = boundaryOf(victim, fault);
  // a process of its own only where something happens in it
  const ran = at || env ? await ranInto(lab, at, does, args, env) : await lab.run(...args, '-o', 'json');
  await fault.heal?.();
  const told = JSON.parse(ran.stdout === '' ? '{}' : ran.stdout) as Partial<RunDocument> & { readonly code?: string };
  expect({
    ...{ fault: name, command: victim.command, code: ran.code, tells: told.error?.code ?? told.code ?? '' },
    stderr: ran.code === code ? '' : `${ran.stdout}${ran.stderr}`,
  }).toEqual({
    ...{ fault: name, command: victim.command, code, stderr: '' },
    tells: tells ? expect.stringMatching(tells) : expect.any(String),
  });
}

/** The run that was struck, where it changed something. */
async function struck(lab: Workspace): Promise<string | undefined> {
  const { runs } = await lab.document<{ runs: readonly { run: string; outcome?: string }[] }>('runs');
  const last = runs.at(-1);
  return last && (last.outcome === 'failed' || last.outcome === 'interrupted') ? last.run : undefined;
}

/** Faults that strike before anything is changed: nothing is, neither in the world nor in the journal. Then the command does its work. */
export async function beforeCells(
  lab: Workspace,
  victim: Victim,
  faults: readonly Fault[],
  table: FaultTable,
): Promise<void> {
  const { command, args, from, to } = victim;
  const journal = lab.journal();
  for (const fault of faults) {
    await strike(lab, victim, fault);
    await expectDump(lab, from);
    expect({ fault: fault.name, journal: lab.journal() }).toEqual({ fault: fault.name, journal });
    table.note(command, fault.name, 'nothing', 'as before');
  }
  await endsWell(lab, ...args);
  await expectDump(lab, to);
  table.note(command, 'each of these over', command, 'as promised');
}

/**
 * A fault in the middle of the work. Rolled back, everything is as the command found it; struck once more and called again, everything
 * is as it promises.
 */
export async function duringCell(lab: Workspace, victim: Victim, fault: Fault, table: FaultTable): Promise<void> {
  const { command, args, from, to } = victim;
  await strike(lab, victim, fault);
  if (fault.code === 0) {
    await expectDump(lab, to);
    table.note(command, fault.name, 'nothing', 'as promised');
    return;
  }
  const run = await struck(lab);
  if (run !== undefined) await endsWell(lab, 'rollback', run, '--confirm', lab.name);
  await expectDump(lab, from);
  table.note(command, fault.name, run === undefined ? 'nothing' : 'rollback', 'as before');
  if (run !== undefined) await strike(lab, victim, fault);
  await endsWell(lab, ...args);
  await expectDump(lab, to);
  table.note(command, fault.name, command, 'as promised');
}
