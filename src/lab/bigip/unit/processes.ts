import { readdir, readFile, readlink } from 'node:fs/promises';

/**
 * Ends everything that runs in the unit's own mounts but its sshd: logins, and what they left behind. The daemon, zebra and bgpd are
 * not in there.
 */
export async function endProcesses(sshdPid: string): Promise<void> {
  const sshd = Number(await readFile(sshdPid, 'utf8').catch(() => ''));
  const mounts = sshd > 0 ? await mountsOf(sshd) : undefined;
  if (mounts === undefined || mounts === (await mountsOf(process.pid))) return;
  for (const pid of (await readdir('/proc')).map(Number).filter((each) => each > 0 && each !== sshd)) {
    if ((await mountsOf(pid)) !== mounts) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

function mountsOf(pid: number): Promise<string | undefined> {
  return readlink(`/proc/${pid}/ns/mnt`).catch(() => undefined);
}
