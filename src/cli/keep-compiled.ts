import { lstatSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Since Node.js 22.1. */
interface Keeping {
  readonly enableCompileCache?: (folder: string) => unknown;
}

/**
 * Where Node.js can, what it has compiled is kept for the next call, beside the artifacts: `cpaas/compiled`. What is kept there is run, by
 * root where root calls: each folder on the way must be one that nobody else can put anything into. Where it is not, and where there is
 * no home or nothing can be written, each call compiles.
 */
export function keepCompiled({
  NODE_COMPILE_CACHE,
  NODE_DISABLE_COMPILE_CACHE,
  XDG_CACHE_HOME,
}: NodeJS.ProcessEnv): void {
  const { enableCompileCache } = module as Keeping;
  if (!enableCompileCache || NODE_COMPILE_CACHE || NODE_DISABLE_COMPILE_CACHE) return;
  try {
    let folder = XDG_CACHE_HOME || homedir();
    // what is relative would stand wherever somebody works, and is to be ignored by the specification of XDG_CACHE_HOME
    if (!isAbsolute(folder) || !isOurs(folder)) return;
    // one by one: `recursive` tries for ever where the kernel makes no folders, as in /proc
    for (const name of [...(XDG_CACHE_HOME ? [] : ['.cache']), 'cpaas', 'compiled']) {
      folder = join(folder, name);
      if (!lstatSync(folder, { throwIfNoEntry: false })) mkdirSync(folder, 0o700);
      if (!isOurs(folder)) return;
    }
    enableCompileCache(folder);
  } catch {
    // each call compiles
  }
}

/** With sudo a home may be somebody else's, and a link leads where its owner likes. */
function isOurs(folder: string): boolean {
  const found = lstatSync(folder);
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}
