import { access } from 'node:fs/promises';
import { CpaasError } from '../core/errors.ts';
import type { Connection } from '../core/transport.ts';
import { WITH_SUDO } from '../core/with-sudo.ts';
import { local } from './local.ts';
import { asProgram } from './program.ts';

/** A network namespace of this machine. `path` goes before PATH there. Needs root. */
export function netns(name: string, namespace: string, path: readonly string[] = []): Connection {
  const machine = local(name);
  const search = [...path, process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin'].join(':');
  const inside = (argv: readonly string[]) => [
    ...['ip', 'netns', 'exec', namespace, 'env', `PATH=${search}`],
    ...asProgram(argv),
  ];
  return {
    ...machine,
    exec: async (argv, options) => {
      await enterable(name, namespace);
      return machine.exec(inside(argv), options);
    },
    start: async (argv) => {
      await enterable(name, namespace);
      return machine.start(inside(argv));
    },
    open: async (argv) => {
      await enterable(name, namespace);
      return machine.open(inside(argv));
    },
  };
}

/** Rejects with `HOST.ROOT` or `HOST.UNREACHABLE` where nothing can be run in a namespace. */
export async function enterable(name: string, namespace: string): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new CpaasError('HOST.ROOT', `${name}: only root can enter network namespace ${namespace}`, {
      next: [WITH_SUDO],
    });
  try {
    await access(`/run/netns/${namespace}`);
  } catch (cause) {
    throw new CpaasError('HOST.UNREACHABLE', `${name}: network namespace ${namespace} does not exist`, {
      cause,
      next: [
        { label: 'makes the lab, where there is none yet', command: 'cpaas up', fixed: true },
        { label: 'shows which labs are there', command: 'cpaas lab list' },
      ],
    });
  }
}
