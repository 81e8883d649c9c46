import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';

/** Where hierarchies of control groups are mounted: one with version 2, several with version 1. */
function hierarchies(): readonly string[] {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  return mounts.flatMap((line) => {
    const [, at = '', type = ''] = line.split(' ');
    return /^cgroup2?$/.test(type) && at.startsWith('/sys/fs/cgroup') ? [at] : [];
  });
}

/** A shell line that puts itself into a group of its own in every hierarchy and becomes the program of its arguments. */
export function enterCgroups(name: string): string {
  const groups = hierarchies().map((at) => join(at, name));
  const lines = groups.flatMap((group) => [
    `mkdir -p ${group}`,
    // version 1 takes nobody into a group without CPUs and memory
    `for f in cpuset.cpus cpuset.mems; do [ ! -f ${group}/$f ] || cat ${group}/../$f >${group}/$f; done`,
    `echo $$ >${group}/cgroup.procs`,
  ]);
  return ['set -e', ...lines, 'exec "$@"'].join('\n');
}

/** Takes the groups away once their last process is gone. */
export async function leaveCgroups(name: string): Promise<void> {
  for (const at of hierarchies()) await vi.waitUntil(() => removed(join(at, name)), { timeout: 10_000, interval: 20 });
}

function removed(group: string): boolean {
  if (!existsSync(group)) return true;
  try {
    for (const entry of readdirSync(group, { withFileTypes: true }))
      if (entry.isDirectory() && !removed(join(group, entry.name))) return false;
    rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}
