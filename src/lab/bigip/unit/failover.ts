import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, dirname, join } from 'node:path';
import type { Failover } from '../tmsh/show.ts';
import { type Objects, objectsOf, withObject } from '../tmsh/store.ts';
import { type UnitPaths, unitPaths } from './paths.ts';

/** As the prompts say it. */
export const ROLE: Readonly<Record<Failover, string>> = {
  ACTIVE: 'Active',
  STANDBY: 'Standby',
  'FORCED OFFLINE': 'ForcedOffline',
};

const STATES = { active: 'ACTIVE', standby: 'STANDBY', 'forced-offline': 'FORCED OFFLINE' } as const;
type State = keyof typeof STATES;

export function failoverOf(objects: Objects, hostname: string): Failover {
  const state = objectsOf(objects, 'cm device')[hostname]?.['failover-state'];
  return STATES[(state as State | undefined) ?? 'active'];
}

/** One unit in a state; the others of the pair are what it is not. A unit that stands alone stays active. */
export function withFailover(objects: Objects, hostname: string, state: State): Objects {
  const devices = Object.entries(objectsOf(objects, 'cm device'));
  if (devices.length < 2) return objects;
  return devices.reduce((all, [name, device]) => {
    const other = state === 'active' ? 'standby' : 'active';
    return withObject(all, 'cm device', name, { ...device, 'failover-state': name === hostname ? state : other });
  }, objects);
}

/** Calls a program of the lab's other units; those that do not run hear nothing. */
export async function tellOthers(paths: UnitPaths, program: string): Promise<void> {
  const folders = dirname(paths.folder);
  const others = (await readdir(folders)).filter((name) => name !== basename(paths.folder));
  await Promise.all(others.map((name) => called(unitPaths(join(folders, name)).socket, program)));
}

/** Resolves when the other unit has done it. The frame is described in `templates/lab-bigip-client.pl`. */
function called(socket: string, program: string): Promise<void> {
  return new Promise((resolve) => {
    const call = connect(socket);
    call.on('error', () => resolve());
    call.on('close', () => resolve());
    call.on('data', () => call.destroy());
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(program));
    call.write(Buffer.concat([Buffer.from('h'), length, Buffer.from(program)]));
  });
}
