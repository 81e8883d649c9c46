import { expect, vi } from 'vitest';
import type { RunDocument } from '../../../src/core/documents.ts';
import type { Workspace } from '../cpaas.ts';
import type { Machine } from '../machines/machine.ts';

/** A moment of a run: when this ends with 0 on a machine. A path: when there is something. */
export type Moment = string | readonly string[];

const UP = ['up', '--accept-new-host-keys', '--timeout', '180', '-y'] as const;

/** A run that has come to a moment. (in an object: it would be waited for) */
async function begin(files: Workspace, machine: Machine, moment: Moment, ...args: readonly string[]) {
  const child = files.start([...UP, ...args]);
  const argv = typeof moment === 'string' ? ['test', '-e', moment] : moment;
  const there = async () => {
    if (child.exitCode !== null) throw new Error(`up came to an end before ${argv.join(' ')}: ${(await child).stderr}`);
    return (await machine.run(argv)).code === 0;
  };
  await vi.waitUntil(there, { timeout: 150_000, interval: 20 });
  return { child };
}

/** Kills cpaas, and kubeadm on the machine with it, at a moment. */
export async function killAt(files: Workspace, machine: Machine, moment: Moment): Promise<void> {
  const { child } = await begin(files, machine, moment);
  child.kill('SIGKILL');
  await child;
  const pids = (await machine.run(['pidof', 'kubeadm'])).stdout.trim().split(' ').filter(Boolean);
  for (const pid of pids) await machine.run(['kill', '-KILL', pid]);
}

/** Ends every login at a machine at a moment, and nothing else: what cpaas makes of it. */
export async function cutConnectionAt(files: Workspace, machine: Machine, moment: Moment): Promise<RunDocument> {
  const { child } = await begin(files, machine, moment, '-o', 'json');
  // not the one that listens
  const sessions = (await machine.ask(['ps', '-e', '-o', 'pid=,args=']))
    .split('\n')
    .filter((line) => /sshd: \w/.test(line) && !/listener/.test(line));
  expect(sessions.length).toBeGreaterThan(0);
  for (const line of sessions) await machine.run(['kill', '-KILL', line.trim().split(' ')[0] ?? '']);
  const { exitCode, stdout } = await child;
  expect(exitCode).toBe(2);
  return JSON.parse(stdout) as RunDocument;
}
