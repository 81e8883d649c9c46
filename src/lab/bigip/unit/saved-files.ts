import { printed } from '../tmsh/print.ts';
import { type Objects, objectsOf } from '../tmsh/store.ts';

const HEADER = '#TMSH-VERSION: 16.1.3\n\n';

/** What stands in which of the files that `save sys config` writes: routes here … */
export function bigipConf(objects: Objects): string {
  return HEADER + all(objects, 'net route');
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

function all(objects: Objects, component: string): string {
  const entries = Object.entries(objectsOf(objects, component));
  return entries.map(([name, properties]) => printed(component, `/Common/${name}`, properties, false)).join('');
}
