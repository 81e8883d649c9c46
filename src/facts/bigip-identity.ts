import type { Fact } from '../core/facts.ts';
import { reading } from '../core/reading.ts';
import { tmshShow } from '../drivers/tmsh.ts';
import { ANY_END } from '../routers/bigip/running.ts';

/** What makes a unit itself: its serial, or where it has none what its host's identity is. */
export const bigipIdentity = (host: string): Fact<string> => ({
  name: `bigip-identity ${host}`,
  async read(ctx) {
    const { stdout } = await ctx.host(host).query(reading(tmshShow('sys', 'hardware'), { codes: ANY_END }));
    return parseSerial(stdout) ?? (await ctx.identity(host));
  },
});

/** The chassis serial of `tmsh show sys hardware`; an appliance has its own. Nothing where there is none but a dash. */
function parseSerial(shown: string): string | undefined {
  return /^\s*(?:Chassis|Appliance) Serial\s+([\w-]*\w)\s*$/m.exec(shown)?.[1];
}
