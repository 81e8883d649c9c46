import { appendFile } from 'node:fs/promises';
import type { Call } from '../client/call.ts';
import type { Cut } from '../client/cut.ts';
import { imish } from '../client/imish.ts';
import { tmsh } from '../client/tmsh.ts';
import { serviceStatus } from '../tmsh/show.ts';
import { routeDomainsOf, type Unit } from './unit.ts';

type Program = (call: Call) => Promise<number>;

/** What a user of the unit can call; a BIG-IP Next has nothing of it. */
export function programsOf(unit: Unit, cut: Cut): Readonly<Record<string, Program>> {
  if (unit.facts.product === 'BIG-IP Next') return {};
  const commandDone = async (call: Call, command: string): Promise<void> => {
    const shown = command.replace(/(\bpassword\s+).*/, '$1****');
    const line = `${new Date().toISOString()} ${call.program}: ${shown}\n`;
    await appendFile(unit.paths.commandLog, line, { mode: 0o600 });
    await cut.commandDone(call);
  };
  const { behaviour } = unit;
  const zebos: Program = (call) => imish(call, { imi: (id) => unit.imi(id), commandDone, behaviour });
  return {
    imish: zebos,
    vtysh: zebos,
    tmsh: (call) =>
      tmsh(call, {
        facts: () => unit.facts,
        behaviour,
        objects: () => unit.objects(),
        change: (objects) => unit.change(objects),
        save: () => unit.save(),
        failover: (to) => unit.failover(to),
        reboot: () => unit.reboot(),
        commandDone,
      }),
    bigstart: async (call) => {
      const asked = call.args.slice(0, 2).join(' ');
      const known = asked === 'status' || asked === 'status tmrouted';
      if (known) call.out(serviceStatus(unit.facts.tmrouted));
      else call.err('usage: bigstart status [tmrouted]\n');
      return known ? 0 : 1;
    },
    // the lab's unit has one network for all route domains
    rdexec: async (call) => {
      const [id = '', ...program] = call.args;
      const known = [...routeDomainsOf(unit.objects()).keys()].includes(Number(id));
      if (known && program.length > 0) return call.run(program);
      call.err(known ? 'usage: rdexec RD PROGRAM [WORD...]\n' : `rdexec: no such route domain: ${id}\n`);
      return 1;
    },
    reboot: () => unit.reboot().then(() => 0),
    takeover: () => unit.takeOver().then(() => 0),
  };
}
