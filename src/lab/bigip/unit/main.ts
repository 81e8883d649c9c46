import { chmod, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { UnitSwitches } from '../../spec.ts';
import { type Call, serveCall } from '../client/call.ts';
import { Cut } from '../client/cut.ts';
import { overLink } from '../client/link.ts';
import { behaviour } from './behaviour.ts';
import { unitPaths } from './paths.ts';
import { programsOf } from './programs.ts';
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
const cut = new Cut(unit.behaviour);
const programs = programsOf(unit, cut);

async function carryOut(call: Call): Promise<number> {
  if (unit.booting) {
    call.err(`${call.program}: the unit is restarting\n`);
    return 1;
  }
  const program = programs[call.program];
  if (program !== undefined) return program(call);
  call.err(`bash: ${call.program}: command not found\n`);
  return 127;
}

await rm(paths.socket, { force: true });
const server = createServer((socket) => {
  serveCall(socket, (direct) => {
    const call = overLink(direct, unit.behaviour, cut);
    carryOut(call).then(
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
