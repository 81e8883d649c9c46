import type { Fact } from '../core/facts.ts';
import { reading } from '../core/reading.ts';
import { imishExec } from '../drivers/imish.ts';
import { ANY_END } from '../routers/bigip/running.ts';
import { type BigipSession, parseSummary } from '../routers/bigip/summary.ts';

export type { BigipSession };

type Where = { readonly host: string; readonly routeDomain: number };

/** The sessions of a unit's route domain. None where BGP is off or has no neighbors. */
export const bigipSessions = ({ host, routeDomain }: Where): Fact<readonly BigipSession[]> => ({
  name: `bigip-sessions ${host} rd${routeDomain}`,
  async read(ctx) {
    const show = reading(imishExec(routeDomain, 'show ip bgp summary'), { codes: ANY_END });
    return parseSummary((await ctx.host(host).query(show)).stdout);
  },
});
