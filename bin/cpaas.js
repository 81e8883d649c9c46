#!/usr/bin/env node
import { existsSync, mkdirSync, statSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

keepCompiled();
const { main } = await import('../dist/main.js');
const code = await main(process.argv.slice(2));
// what could not be written was noted meanwhile
process.exitCode = code || process.exitCode;

/** Where Node.js can (22.1 and later), what it has compiled is kept for the next call, beside the artifacts: `cpaas/compiled`. */
function keepCompiled() {
  const { NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE, XDG_CACHE_HOME } = process.env;
  if (!module.enableCompileCache || NODE_COMPILE_CACHE || NODE_DISABLE_COMPILE_CACHE) return;
  try {
    let folder = XDG_CACHE_HOME || homedir();
    // with sudo this may be the home of somebody else: nothing is left there, and nothing that he could change is run
    if (statSync(folder).uid !== process.getuid()) return;
    for (const name of [...(XDG_CACHE_HOME ? [] : ['.cache']), 'cpaas', 'compiled']) {
      folder = join(folder, name);
      // one by one: `recursive` tries for ever where the kernel makes no folders, as in /proc
      if (!existsSync(folder)) mkdirSync(folder, 0o700);
    }
    module.enableCompileCache(folder);
  } catch {
    // Without a home, or where nothing can be written, each call compiles.
  }
}
