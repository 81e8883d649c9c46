import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Ran, run, tryRun } from '../../../src/lab/machines/run.ts';
import { CACHE } from './cache.ts';

/** A network segment in a namespace: nothing of this computer's own network is on it. */
export interface Lan {
  readonly name: string;
  /** The namespace of the bridge; a workstation on the LAN stands here. */
  readonly namespace: string;
  /** What machines on it keep their state in. */
  readonly folder: string;
  /** Goes before a command that is to run at the workstation. */
  readonly enter: readonly string[];
  /** Makes a namespace for a machine with `eth0` on the LAN; gives its name. */
  plug(machine: string, address: string): Promise<string>;
  unplug(machine: string): Promise<void>;
  /** Pulls its cable, or puts it back: the machine goes on, and neither hears nor is heard. */
  cable(machine: string, state: 'up' | 'down'): Promise<void>;
  /** Runs a program at the workstation. */
  run(argv: readonly string[], stdin?: string): Promise<Ran>;
  /** Takes it away, machines' namespaces included. */
  remove(): Promise<void>;
}

export interface LanOptions {
  /** Short, and no other test's: links are named after it. */
  readonly name: string;
  /** Of the workstation, with the length of the network: `10.214.0.1/24`. */
  readonly address: string;
  /** The bridge of another namespace, say of a lab, that machines are plugged into instead of one of their own. */
  readonly bridge?: { readonly namespace: string; readonly name: string };
}

export async function makeLan({ name, address, bridge }: LanOptions): Promise<Lan> {
  const namespace = bridge?.namespace ?? name;
  const link = bridge?.name ?? 'br0';
  const folder = join(CACHE, 'run', name);
  const [gateway = '', length = ''] = address.split('/');
  const of = (machine: string): string => `${name}-${machine}`;
  const portOf = (machine: string): string => `p-${machine}`.slice(0, 15);
  const lan: Lan = {
    name,
    namespace,
    folder,
    enter: ['ip', 'netns', 'exec', namespace],
    run: (argv, stdin) => tryRun([...lan.enter, ...argv], stdin),
    plug: async (machine, own) => {
      const port = portOf(machine);
      await tryRun(['ip', 'netns', 'delete', of(machine)]);
      await run(['ip', 'netns', 'add', of(machine)]);
      await run(['ip', '-n', namespace, 'link', 'add', port, 'type', 'veth', 'peer', 'eth0', 'netns', of(machine)]);
      await run(['ip', '-n', namespace, 'link', 'set', port, 'master', link, 'up']);
      await run(['ip', '-n', of(machine), 'address', 'add', `${own}/${length}`, 'dev', 'eth0']);
      for (const each of ['lo', 'eth0']) await run(['ip', '-n', of(machine), 'link', 'set', each, 'up']);
      await run(['ip', '-n', of(machine), 'route', 'add', 'default', 'via', gateway]);
      return of(machine);
    },
    unplug: async (machine) => {
      // with its namespace it would go too, but some time later
      await tryRun(['ip', '-n', namespace, 'link', 'delete', portOf(machine)]);
      await tryRun(['ip', 'netns', 'delete', of(machine)]);
    },
    cable: async (machine, state) => {
      await run(['ip', '-n', namespace, 'link', 'set', portOf(machine), state]);
    },
    remove: async () => {
      if (!bridge) await tryRun(['ip', 'netns', 'delete', name]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  mkdirSync(folder, { recursive: true });
  if (!bridge) {
    await tryRun(['ip', 'netns', 'delete', name]);
    await run(['ip', 'netns', 'add', name]);
    await run(['ip', '-n', name, 'link', 'add', link, 'type', 'bridge']);
    await run(['ip', '-n', name, 'address', 'add', address, 'dev', link]);
    for (const each of ['lo', link]) await run(['ip', '-n', name, 'link', 'set', each, 'up']);
  }
  return lan;
}
