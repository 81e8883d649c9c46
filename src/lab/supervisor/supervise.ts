import { readlink } from 'node:fs/promises';
import { labLayout } from '../layout.ts';
import { control } from './control.ts';
import { Lab } from './lab.ts';
import type { Log, Parts } from './parts.ts';
import { newState, readState } from './state.ts';

/** The supervisor of one lab: waits on the control socket for what the lab should be. Its output is the log. */
export async function supervise(name: string, parts: Parts): Promise<void> {
  const log: Log = (line) => console.log(`${new Date().toISOString()} ${line}`);
  process.on('unhandledRejection', (error) => log(`bug: ${error instanceof Error ? error.stack : String(error)}`));
  const layout = labLayout(name);
  // `/proc` is the machine's, so its idea of us is, too.
  const supervisor = Number(await readlink('/proc/self'));
  const state = { ...((await readState(name)) ?? newState(name)), supervisor, ready: false };
  const lab = new Lab(state, parts, log);
  await lab.save();
  await control(layout.control, lab, log);
  log(`supervisor ${supervisor} of lab ${name}`);
}
