import { expect } from 'vitest';
import type { RunDocument } from '../../src/core/documents.ts';
import { type Boundary, boundariesOf, cutOff, killAt, type Moments, momentsOf } from './boundaries.ts';
import type { Workspace } from './cpaas.ts';
import { bareLab, type Dump, expectDump, settledDump } from './dumps.ts';
import type { FaultTable } from './fault-table.ts';

/** The moments at which commands are cut off. */
export const MOMENTS = [
  'before the intent is written',
  'in the middle of writing the intent',
  'after the intent, before the change',
  'in the middle of the change',
  'before the read-back',
  'before the settling entry',
  'before the closing act',
  'in the closing act',
  'before the end of the run',
] as const;
export type Moment = (typeof MOMENTS)[number];

/** A command, what holds before it, what it promises, and the boundaries that it comes by. */
export interface Victim {
  readonly command: string;
  readonly args: readonly string[];
  readonly from: Dump;
  readonly to: Dump;
  readonly moments: Moments;
  /** Brings about what holds before it, from what it promises. */
  readonly again: () => Promise<void>;
}

/** Runs a command once, to its end, and learns all of that. */
export async function learn(
  lab: Workspace,
  command: string,
  args: readonly string[],
  from: Dump,
  again: () => Promise<void>,
): Promise<Victim> {
  const moments = momentsOf(await boundariesOf(lab, ...args));
  return { command, args, from, to: await settledDump(lab), moments, again };
}

/** On bare machines: `bgp peer`, and the `rollback` that takes it back. What `bgp peer` leaves out, its sessions come through. */
export async function learnPeerAndRollback(
  lab: Workspace,
): Promise<{ readonly peer: Victim; readonly rollback: Victim }> {
  const undo = ['rollback', '--confirm', lab.name];
  await bareLab(lab);
  await endsWell(lab, 'up', '--only', 'Forwarding');
  const from = await settledDump(lab);
  const peer = await learn(lab, 'bgp peer', ['bgp', 'peer'], from, () => endsWell(lab, ...undo));
  const rollback = await learn(lab, 'rollback', undo, peer.to, () => endsWell(lab, 'bgp', 'peer'));
  expect(rollback.to).toEqual(from);
  return { peer, rollback };
}

/**
 * Cuts a command off at a moment. Rolled back, everything is as the command found it; cut off once more and called again, everything is
 * as it promises.
 */
export async function cells(lab: Workspace, victim: Victim, moment: Moment, table: FaultTable): Promise<void> {
  const { command, args, from, to } = victim;
  for (const [at, boundary] of chosen(victim, moment).entries()) {
    const fault = `kill -9 ${moment}${boundary.step ? `, ${boundary.step.split(':')[0]}` : ''}`;
    if (at > 0) {
      await victim.again();
      await expectDump(lab, from);
    }
    await killAt(lab, boundary, ...args);
    const run = cutOff(lab);
    if (run !== undefined) await endsWell(lab, 'rollback', run, '--confirm', lab.name);
    await expectDump(lab, from);
    table.note(command, fault, run === undefined ? 'nothing' : 'rollback', 'as before');

    // what had nothing to take back is cut off still
    if (run !== undefined) await killAt(lab, boundary, ...args);
    await endsWell(lab, ...args);
    await expectDump(lab, to);
    table.note(command, fault, command, 'as promised');
  }
}

/**
 * One boundary of a moment, of another step at each, so that over all moments every kind of step is met; or all of them with
 * `CPAAS_FAULTS=all`.
 */
function chosen({ moments }: Victim, moment: Moment): readonly Boundary[] {
  const all = moments.get(moment) ?? [];
  if (process.env['CPAAS_FAULTS'] === 'all') return all;
  const at = all[(MOMENTS.indexOf(moment) * 3 + 1) % Math.max(1, all.length)];
  return at ? [at] : [];
}

export async function endsWell(lab: Workspace, ...args: readonly string[]): Promise<void> {
  const { code, error, outcome } = await lab.document<RunDocument>(...args);
  expect({ args, code, error }).toEqual({ args, code: 0, error: undefined });
  expect(outcome).toBeOneOf(['applied', 'unchanged']);
}
