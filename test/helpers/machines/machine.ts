import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import type { HostSpec } from '../../../src/core/host-spec.ts';
import { type Ran, run, tryRun } from '../../../src/lab/machines/run.ts';
import { CACHE } from './cache.ts';
import { enterCgroups, leaveCgroups } from './cgroups.ts';
import type { Lan } from './lan.ts';

export interface MachineOptions {
  /** Its host name, and the name it has in the test: unique on its LAN. */
  readonly name: string;
  /** On the LAN. */
  readonly address: string;
  /** Folder of the root file system that it starts from, as `rootfs` gives it. It is not changed. */
  readonly image: string;
  /** Folders and files of this computer it sees, by their place in the machine; read-only unless they are `writable`. */
  readonly mounts?: Readonly<Record<string, { readonly source: string; readonly writable?: boolean }>>;
  /**
   * Folders in the machine that are on a file system of this computer instead of the overlay: containerd's data cannot be on an
   * overlay. They are empty at the start and go with the machine.
   */
  readonly volumes?: readonly string[];
}

/** A machine with systemd as PID 1 in namespaces of its own. */
export interface Machine {
  readonly name: string;
  readonly address: string;
  /** Runs a program in it as root, not by SSH: how a test looks and interferes. */
  run(argv: readonly string[], stdin?: string): Promise<Ran>;
  /** The same as text; rejects where it fails. */
  ask(argv: readonly string[], stdin?: string): Promise<string>;
  /** How cpaas reaches it by SSH from this computer, without a packet of this computer's own. Users: root, admin, typist, guest. */
  spec(user?: string): HostSpec & { readonly reach: { readonly via: 'ssh' } };
  /** Path of its root, seen from outside. */
  root(): string;
  /** Ends it as a power cut would and starts it again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const ENTER = fileURLToPath(new URL('enter.sh', import.meta.url));

/** Starts a machine on a LAN and waits for its SSH server. It dies with the process that started it. */
export async function startMachine(lan: Lan, options: MachineOptions): Promise<Machine> {
  const { name, address } = options;
  const folder = join(lan.folder, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', `${folder}/ssh_host_ed25519_key`]);
  writeFileSync(`${folder}/hosts`, `127.0.0.1 localhost\n${address} ${name}\n`);
  const key = readFileSync(`${folder}/ssh_host_ed25519_key.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(`${folder}/known_hosts`, `${address} ${key}\n`);
  const namespace = await lan.plug(name, address);

  let power: Powered | undefined;
  const on = async (): Promise<void> => {
    power = await start(lan, namespace, folder, options);
    await vi.waitUntil(() => answers(lan, address), { timeout: 60_000, interval: 50 });
  };
  const off = async (): Promise<void> => {
    await power?.cut();
    power = undefined;
  };
  const inside = (): readonly string[] => {
    if (!power) throw new Error(`${name} is off`);
    return ['nsenter', '--target', String(power.pid), '--all', 'env', '-i', 'LC_ALL=C', PATH];
  };
  const machine: Machine = {
    name,
    address,
    run: (argv, stdin) => tryRun([...inside(), ...argv], stdin),
    ask: (argv, stdin) => run([...inside(), ...argv], stdin),
    root: () => `/proc/${power?.pid}/root`,
    spec: (user = 'root') => ({
      name,
      ...(user === 'root' ? {} : { sudo: true }),
      reach: {
        via: 'ssh',
        host: address,
        user,
        identityFiles: [join(CACHE, 'id')],
        knownHosts: [`${folder}/known_hosts`],
        proxyCommand: ['ip', 'netns', 'exec', lan.namespace, 'socat', '-', `TCP:${address}:22`],
      },
    }),
    restart: async () => {
      await off();
      await on();
    },
    stop: async () => {
      await off();
      await lan.unplug(name);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await on();
  } catch (error) {
    const console = existsSync(`${folder}/console`) ? readFileSync(`${folder}/console`, 'utf8').slice(-2000) : '';
    await machine.stop();
    throw new Error(`${name} does not start: ${console}`, { cause: error });
  }
  return machine;
}

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

interface Powered {
  /** Its PID 1, as this computer counts. */
  readonly pid: number;
  cut(): Promise<void>;
}

async function start(lan: Lan, namespace: string, folder: string, options: MachineOptions): Promise<Powered> {
  const { name, image, mounts = {}, volumes = [] } = options;
  const binds = [
    ...Object.entries(mounts).map(([target, { source, writable }]) => `${writable ? '+' : ''}${source}=${target}`),
    ...volumes.map((target) => `+${volume(folder, target)}=${target}`),
  ];
  const cgroup = `${lan.name}-${name}`;
  const output = openSync(`${folder}/console`, 'a');
  const child = spawn(
    'bash',
    [
      '-c',
      enterCgroups(cgroup),
      'bash',
      ...['setpriv', '--pdeathsig', 'KILL', 'ip', 'netns', 'exec', namespace],
      ...['unshare', '-muipC', '--fork', '--kill-child', 'bash', ENTER, folder, name, image, ...binds],
    ],
    { stdio: ['ignore', output, output], detached: true },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const pid = await vi.waitUntil(() => firstChild(child), { timeout: 10_000, interval: 10 });
  return {
    pid,
    cut: async () => {
      if (child.exitCode === null && child.signalCode === null) process.kill(pid, 'SIGKILL');
      await ended;
      await leaveCgroups(cgroup);
    },
  };
}

function volume(folder: string, target: string): string {
  const path = join(folder, 'volumes', target.replaceAll('/', '_'));
  mkdirSync(path, { recursive: true });
  return path;
}

/** The process that `unshare` forked: PID 1 of the machine. Before, there are passing children of the shell that becomes it. */
function firstChild({ pid, exitCode }: ChildProcess): number | undefined {
  if (exitCode !== null) throw new Error(`unshare ended with ${exitCode}`);
  const first = Number(text(`/proc/${pid}/task/${pid}/children`).split(' ')[0]);
  return /^NSpid:.*\t1$/m.test(text(`/proc/${first}/status`)) ? first : undefined;
}

/** Of a file in /proc, whose process may be gone by now. */
function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Whether sshd says its name. */
async function answers(lan: Lan, address: string): Promise<boolean> {
  const argv = ['socat', '-T', '1', '-', `TCP:${address}:22,connect-timeout=1`];
  return (await tryRun([...lan.enter, ...argv])).stdout.startsWith('SSH-');
}
