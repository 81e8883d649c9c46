import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { printed } from '../tmsh/print.ts';
import { type Objects, objectsOf } from '../tmsh/store.ts';
import { withoutBulk } from '../zebos/printing.ts';
import type { UnitPaths } from './paths.ts';
import { type Saved, writeState } from './state.ts';

const HEADER = '#TMSH-VERSION: 16.1.3\n\n';

/** `save sys config`: what comes back after a restart, and the same for people to read. Returns the files as users name them. */
export async function saveObjects(paths: UnitPaths, objects: Objects): Promise<readonly string[]> {
  await mkdir(dirname(paths.bigipConf), { recursive: true });
  await writeFile(paths.bigipConf, bigipConf(objects));
  await writeFile(paths.bigipBaseConf, bigipBaseConf(objects));
  await writeFile(paths.bigipUserConf, bigipUserConf(objects));
  await writeState(paths.saved, { objects } satisfies Saved);
  return ['/config/bigip.conf', '/config/bigip_base.conf', '/config/bigip_user.conf'];
}

/** What stands in which of the files that `save sys config` writes: routes and `net routing` here … */
function bigipConf(objects: Objects): string {
  return HEADER + ['net route', 'net routing bgp'].map((component) => all(objects, component)).join('');
}

/** … what belongs to this unit alone here … */
function bigipBaseConf(objects: Objects): string {
  const components = ['cm device', 'net route-domain', 'net self', 'net vlan', 'sys db'];
  return HEADER + components.map((component) => all(objects, component)).join('');
}

/** … and its users here. */
function bigipUserConf(objects: Objects): string {
  return HEADER + all(objects, 'auth user');
}

/** The lines of a ZebOS.conf; none where nothing was ever saved. */
export async function savedLines(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return withoutBulk(text.split('\n'));
}

function all(objects: Objects, component: string): string {
  const entries = Object.entries(objectsOf(objects, component));
  return entries.map(([name, properties]) => printed(component, `/Common/${name}`, properties, false)).join('');
}
