import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { z } from 'zod';

/** A process that holds something, so that whoever finds it held can tell it from every other one. */
export const Holder = z.object({
  user: z.string(),
  /** What people call the machine. */
  machine: z.string(),
  /** `/etc/machine-id`: two machines may have one name. Empty where there is none. */
  machineId: z.string().default(''),
  /** The kernel's boot id: processes do not outlive it. Empty where there is none. */
  boot: z.string().default(''),
  /** The namespace that `pid` counts in: a process of a container is not seen from another one. */
  pids: z.string().default(''),
  pid: z.number(),
  /** When the process began, in the kernel's ticks: a number that comes round again is another process. */
  born: z.string(),
  /** ISO 8601, for people only: a clock may be put back. */
  since: z.string(),
});
export type Holder = z.infer<typeof Holder>;

/** This process as a holder. */
export const thisProcess = (): Holder => ({
  user: userInfo().username,
  ...here(),
  pid: process.pid,
  born: born(process.pid) ?? '',
  since: new Date().toISOString(),
});

/** Whether a holder may still be at work. One that cannot be asked from here, of another machine or container, is believed. */
export function mayBeAtWork({ machine, machineId, boot, pids, pid, born: began }: Holder): boolean {
  const mine = here();
  if (machine !== mine.machine || machineId !== mine.machineId) return true;
  if (boot !== mine.boot) return false;
  if (pids !== mine.pids) return true;
  const now = born(pid);
  if (now !== undefined) return now === began;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const here = () => ({
  machine: hostname(),
  machineId: line('/etc/machine-id'),
  boot: line('/proc/sys/kernel/random/boot_id'),
  pids: link('/proc/self/ns/pid'),
});

/** Start time of a process, from Linux's /proc; nothing where there is no such process, or no /proc. */
function born(pid: number): string | undefined {
  const stat = line(`/proc/${pid}/stat`);
  // the program's name, in brackets, may hold anything: count from behind it
  return stat === '' ? undefined : stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

const line = (path: string): string => or(() => readFileSync(path, 'utf8').trim());
const link = (path: string): string => or(() => readlinkSync(path));

function or(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
