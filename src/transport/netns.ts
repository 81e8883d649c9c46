import { access } from 'node:fs/promises';
import { CpaasError } from '../core/errors.ts';
import type { Connection } from '../core/transport.ts';
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

async function enterable(name: string, namespace: string): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new CpaasError('HOST.ROOT', `${name}: only root can enter network namespace ${namespace}`, {
      next: [{ label: 'run cpaas as root, or with sudo' }],
    });
  try {
    await access(`/run/netns/${namespace}`);
  } catch (cause) {
    throw new CpaasError('HOST.UNREACHABLE', `${name}: network namespace ${namespace} does not exist`, {
      cause,
      next: [{ label: 'see which labs are there', command: 'cpaas lab list' }],
    });
  }
}
