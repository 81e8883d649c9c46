import { realpathSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { checkSpec } from './check-spec.ts';
import { labApply, labDown, labList, labShow } from './labs.ts';
import { toWire } from './supervisor/wire.ts';

export {
  type LabState,
  type ListedLab,
  labApply,
  labDown,
  labList,
  labShell,
  labShow,
  type MachineState,
} from './labs.ts';

/**
 * The same as a program, for whoever reaches the machine by a command: `ctl.js apply KEY…` takes a spec on its standard input, marks
 * the parts of these keys, and prints the state; `down NAME`, `list`, `show NAME`. Progress goes to standard error. A failure ends with 2 and prints
 * `{"error": {code, message, evidence, next}}`.
 */
async function program([verb, ...words]: readonly string[]): Promise<unknown> {
  const [name = ''] = words;
  switch (verb) {
    case 'apply':
      return labApply(checkSpec(JSON.parse(await text(process.stdin))), (line) => console.error(line), {
        marks: words,
      });
    case 'down':
      return labDown(name);
    case 'list':
      return labList();
    case 'show':
      return labShow(name);
    default:
      throw new Error('usage: ctl.js apply KEY… | down NAME | list | show NAME');
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    console.log(JSON.stringify((await program(process.argv.slice(2))) ?? null));
  } catch (error) {
    console.log(JSON.stringify({ error: toWire(error) }));
    process.exitCode = 2;
  }
}
