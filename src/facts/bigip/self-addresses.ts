import type { Fact } from '../../core/facts.ts';
import { reading } from '../../core/reading.ts';
import { LIST_SELF_IPS, parseSelfIps } from '../../routers/bigip/unit/self-ips.ts';

/** Every address that a unit has of its own. */
export const selfAddresses = (host: string): Fact<readonly string[]> => ({
  name: `self-ip addresses of ${host}`,
  read: async (ctx) =>
    parseSelfIps((await ctx.host(host).query(reading(LIST_SELF_IPS))).stdout).map(({ address }) => address),
});
