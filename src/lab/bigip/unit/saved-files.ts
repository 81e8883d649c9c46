import { readFile } from 'node:fs/promises';
import { printed } from '../tmsh/print.ts';
import { type Objects, objectsOf } from '../tmsh/store.ts';
import { withoutBulk } from '../zebos/printing.ts';

const HEADER = '#TMSH-VERSION: 16.1.3\n\n';

/** What stands in which of the files that `save sys config` writes: routes and `net routing` here … */
export function bigipConf(objects: Objects): string {
  return HEADER + ['net route', 'net routing bgp'].map((component) => all(objects, component)).join('');
}

/** … what belongs to this unit alone here … */
export function bigipBaseConf(objects: Objects): string {
  const components = ['cm device', 'net route-domain', 'net self', 'net vlan', 'sys db'];
  return HEADER + components.map((component) => all(objects, component)).join('');
}

/** … and its users here. */
export function bigipUserConf(objects: Objects): string {
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
