import { readFile } from 'node:fs/promises';
import { tryRun } from '../machines/run.ts';

/**
 * Ends what still runs in a namespace when its children have ended: what they had started on their own, such as the shells of
 * logins. Only processes of the lab's PID namespace can be reached from here, and these are all that is to be ended.
 */
export async function endLeftovers(namespace: string): Promise<void> {
  const { stdout } = await tryRun(['ip', 'netns', 'pids', namespace]);
  const pids = await Promise.all(stdout.split('\n').filter(Boolean).map(ownPid));
  for (const pid of pids) if (pid !== undefined) kill(pid);
}

/** `/proc` is the machine's and numbers processes as the machine does: the last of `NSpid` is the number here, if there are several. */
async function ownPid(machinePid: string): Promise<number | undefined> {
  const status = await readFile(`/proc/${machinePid}/status`, 'utf8').catch(() => '');
  const [, ...inner] = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];
  const pid = inner.at(-1);
  return pid === undefined ? undefined : Number(pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
