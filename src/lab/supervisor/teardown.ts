import { mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { CpaasError } from '../../core/errors.ts';
import { LABS, labLayout } from '../layout.ts';
import { survey } from '../machines/build.ts';
import { dismantle } from '../machines/dismantle.ts';
import { namespaces } from '../machines/look.ts';
import { markOf } from '../machines/mark.ts';
import { tryRun } from '../machines/run.ts';
import { supervisors } from './launch.ts';
import { tryLock } from './lock.ts';
import { readState } from './state.ts';

/** Milliseconds that processes have for dying. */
const DEADLINE = 10_000;

/** Takes a lab off the machine, whatever state it is in: its processes, its namespaces with their links, its mounts, its folder. */
export async function teardown(lab: string): Promise<void> {
  const { root } = labLayout(lab);
  await mkdir(root, { recursive: true });
  const release = await endSupervisor(lab);
  try {
    const own = await ownNamespaces(lab);
    await endAll(async () => (await Promise.all(own.map(processesIn))).flat());
    await dismantle(own);
    for (const mount of await mountsBelow(root)) await tryRun(['umount', '--lazy', mount]);
    await rm(root, { recursive: true, force: true });
    // The last lab leaves no folder of labs; another one's is not empty.
    await rmdir(LABS).catch(() => {});
  } finally {
    release();
  }
}

/** Ends the supervisor, and with it all it has started; nobody can start another one until `release` is called. */
async function endSupervisor(lab: string): Promise<() => void> {
  for (const until = Date.now() + DEADLINE; Date.now() < until; await pause(20)) {
    await endAll(() => supervisors(lab));
    const release = await tryLock(labLayout(lab).lock);
    if (release) return release;
  }
  throw new CpaasError('LAB.FAILED', `somebody starts lab ${lab} again and again`);
}

/** Those that bear the lab's mark, and those it wrote down before it made them. Nobody else's, though their names may fit. */
async function ownNamespaces(lab: string): Promise<readonly string[]> {
  const candidates = [...(await namespaces())].filter((name) => name.startsWith(`${lab}-`));
  const written = new Set((await readState(lab))?.machines.map(({ namespace }) => namespace));
  const sights = await survey(candidates);
  return candidates.filter((name) => {
    const mark = sights.get(name)?.mark;
    return mark === markOf(lab) || (mark === undefined && written.has(name));
  });
}

async function processesIn(namespace: string): Promise<readonly number[]> {
  const { stdout } = await tryRun(['ip', 'netns', 'pids', namespace]);
  return stdout.split('\n').filter(Boolean).map(Number);
}

/** Kills until none is left. */
async function endAll(find: () => Promise<readonly number[]>): Promise<void> {
  const until = Date.now() + DEADLINE;
  for (let pids = await find(); pids.length > 0; pids = await find()) {
    if (Date.now() > until) throw new CpaasError('LAB.FAILED', `processes ${pids.join(', ')} of the lab do not end`);
    for (const pid of pids) kill(pid);
    await pause(20);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

/** Innermost first. The lab's own mounts are in namespaces that died with their processes; these are what somebody added by hand. */
async function mountsBelow(root: string): Promise<readonly string[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  return mounts.filter((mount) => mount.startsWith(`${root}/`)).reverse();
}
