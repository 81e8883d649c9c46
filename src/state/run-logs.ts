import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Logs of runs that are kept: a watch, or a timer, makes more than anybody reads. */
const NEWEST = 500;

/** Removes the log of a run that did nothing, and the oldest of many. They are named by the time of their run. */
export function tidyLogs(path: string, { useless }: { readonly useless: boolean }): void {
  if (useless) rmSync(path, { force: true });
  const folder = dirname(path);
  const logs = list(folder).filter((name) => name.endsWith('.log'));
  for (const name of logs.toSorted().slice(0, -NEWEST)) rmSync(join(folder, name), { force: true });
}

/** Nothing where there is no folder: no run has written a log. */
function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
