import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Vty } from './vty.ts';

const DAEMONS = '/usr/lib/frr';

/** zebra or bgpd of one unit, a child of the unit's daemon. `vty` is open for as long as it runs. */
export interface Daemon {
  readonly name: 'zebra' | 'bgpd';
  readonly vty: Vty;
  /** Whether it has ended, by itself or by `stop`. */
  readonly ended: boolean;
  stop(): Promise<void>;
}

/**
 * Starts one daemon of FRR with its sockets in `folder`, and ends what an earlier life of the unit left running there. It runs as
 * user frr, since FRR refuses root outside its group; that user must be able to traverse the folders above.
 */
export async function startDaemon(name: Daemon['name'], folder: string, isolated = false): Promise<Daemon> {
  const { uid, gid } = await frrUser();
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await chown(folder, uid, gid);
  await endLeftover(name, folder);
  await rm(join(folder, `${name}.vty`), { force: true });
  const common = ['-u', 'frr', '-g', 'frr', '--vty_socket', folder, '-i', join(folder, `${name}.pid`)];
  const argv = [join(DAEMONS, name), ...common, '-z', join(folder, 'zserv.api'), '-f', '/dev/null'];
  const [program = '', ...args] = isolated ? ['unshare', '--net', ...argv] : argv;
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const vty = await firstVty(child, join(folder, `${name}.vty`));
  return {
    name,
    vty,
    get ended() {
      return hasEnded(child);
    },
    stop: () => stop(child, vty),
  };
}

async function frrUser(): Promise<{ readonly uid: number; readonly gid: number }> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((each) => each.startsWith('frr:'));
  const [, , uid = '0', gid = '0'] = line?.split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

/** A unit whose daemon was killed leaves its FRR behind: nobody else writes these files. */
async function endLeftover(name: string, folder: string): Promise<void> {
  const pid = Number(await readFile(join(folder, `${name}.pid`), 'utf8').catch(() => ''));
  const running = pid > 0 ? await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '') : '';
  if (running.trim() === name) process.kill(pid, 'SIGKILL');
}

async function firstVty(child: ChildProcess, path: string): Promise<Vty> {
  for (let attempt = 0; attempt < 500 && !hasEnded(child); attempt++) {
    const vty = await Vty.open(path).catch(() => undefined);
    if (vty !== undefined) return vty;
    await pause(20);
  }
  throw new Error(`${child.spawnfile} did not start: exit ${child.exitCode}`);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function stop(child: ChildProcess, vty: Vty): Promise<void> {
  vty.close();
  if (hasEnded(child)) return;
  const left = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await left;
  clearTimeout(killer);
}
