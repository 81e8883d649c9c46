import { lstatSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { baseFolder } from './base-folder.ts';

/** Since Node.js 22.1. */
interface Keeping {
  readonly enableCompileCache?: (folder: string) => unknown;
}

/**
 * Where Node.js can, what it has compiled is kept for the next call, beside the artifacts: `cpaas/compiled`. What is kept there is run, by
 * root where root calls: each folder on the way must be one that nobody else can put anything into. Where it is not, and where there is
 * no home or nothing can be written, each call compiles.
 */
export function keepCompiled(env: NodeJS.ProcessEnv): void {
  const { enableCompileCache } = module as Keeping;
  if (!enableCompileCache || env['NODE_COMPILE_CACHE'] || env['NODE_DISABLE_COMPILE_CACHE']) return;
  try {
    const cache = baseFolder('XDG_CACHE_HOME', env);
    const [there, ...below] = [
      ...(cache === env['XDG_CACHE_HOME'] ? [] : [dirname(cache)]),
      cache,
      join(cache, 'cpaas'),
      join(cache, 'cpaas/compiled'),
    ];
    if (there === undefined || !isOurs(there)) return;
    // one by one: `recursive` tries for ever where the kernel makes no folders, as in /proc
    for (const folder of below) {
      if (!lstatSync(folder, { throwIfNoEntry: false })) mkdirSync(folder, 0o700);
      if (!isOurs(folder)) return;
    }
    enableCompileCache(join(cache, 'cpaas/compiled'));
  } catch {
    // each call compiles
  }
}

/** With sudo a home may be somebody else's, and a link leads where its owner likes. */
function isOurs(folder: string): boolean {
  const found = lstatSync(folder);
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}
