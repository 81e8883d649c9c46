import { appendFile, chmod, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { UnitSwitches } from '../../spec.ts';
import { type Call, serveCall } from '../client/call.ts';
import { Cut } from '../client/cut.ts';
import { imish } from '../client/imish.ts';
import { tmsh } from '../client/tmsh.ts';
import { behaviour } from './behaviour.ts';
import { unitPaths } from './paths.ts';
import { readState } from './state.ts';
import { Unit } from './unit.ts';

/**
 * The daemon of one unit, in the unit's network namespace: `main.js FOLDER`. It holds all state and answers the programs of the
 * unit on one socket.
 */
const log = (line: string) => process.stderr.write(`${line}\n`);
const paths = unitPaths(process.argv[2] ?? '');
const switches = await readState(paths.behaviour, UnitSwitches);
const unit = await Unit.start(paths, behaviour(switches ?? {}), log);
const cut = new Cut(unit.behaviour.dropAfterCommands);

const commandDone = async (call: Call, command: string): Promise<void> => {
  const shown = command.replace(/(\bpassword\s+).*/, '$1****');
  await appendFile(paths.commandLog, `${new Date().toISOString()} ${call.program}: ${shown}\n`, { mode: 0o600 });
  await cut.commandDone(call);
};

const programs: Readonly<Record<string, (call: Call) => Promise<number>>> = {
  imish: (call) =>
    imish(call, { imi: (id) => unit.imi(id), commandDone, lastCharacterLoss: unit.behaviour.lastCharacterLoss }),
  vtysh: (call) =>
    imish(call, { imi: (id) => unit.imi(id), commandDone, lastCharacterLoss: unit.behaviour.lastCharacterLoss }),
  tmsh: (call) =>
    tmsh(call, {
      facts: unit.facts,
      objects: () => unit.objects(),
      change: (objects) => unit.change(objects),
      save: () => unit.save(),
      commandDone,
    }),
  bigstart: async (call) => {
    const { tmrouted } = unit.facts;
    const asked = call.args.slice(0, 2).join(' ');
    if (asked !== 'status' && asked !== 'status tmrouted') {
      call.err('usage: bigstart status [tmrouted]\n');
      return 1;
    }
    call.out(
      tmrouted === undefined
        ? 'tmrouted     down, not enabled\n'
        : `tmrouted     run (pid ${tmrouted.pid}) ${tmrouted.seconds} seconds\n`,
    );
    return 0;
  },
};

await rm(paths.socket, { force: true });
const server = createServer((socket) => {
  serveCall(socket, (call) => {
    const program = programs[call.program];
    const ended = program === undefined ? Promise.resolve(127) : program(call);
    ended.then(
      (code) => call.exit(code),
      (error: unknown) => {
        log(error instanceof Error ? (error.stack ?? error.message) : String(error));
        call.err(`${call.program}: internal error of the lab\n`);
        call.exit(1);
      },
    );
  });
});
server.listen(paths.socket, () => void chmod(paths.socket, 0o600));

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close();
    void unit.stop().then(() => process.exit(0));
  });
}
