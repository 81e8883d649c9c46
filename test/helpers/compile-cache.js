/**
 * Loaded before the program, by `--import`: notes in the file that RECORD names which folder Node.js is told to keep compiled code in,
 * also on a Node.js that cannot.
 */
import { appendFileSync } from 'node:fs';
import module from 'node:module';

module.enableCompileCache = (folder) => appendFileSync(process.env.RECORD, `${folder}\n`);
