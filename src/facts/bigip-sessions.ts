import type { Fact } from '../core/facts.ts';
import { type BigipSession, parseSummary, sessionsQuestion } from '../routers/bigip/summary.ts';

export type { BigipSession };

type Where = { readonly host: string; readonly routeDomain: number };

/** The sessions of a unit's route domain. None where BGP is off or has no neighbors. */
export const bigipSessions = ({ host, routeDomain }: Where): Fact<readonly BigipSession[]> => ({
  name: `bigip-sessions ${host} rd${routeDomain}`,
  async read(ctx) {
    return parseSummary((await ctx.host(host).query(sessionsQuestion(routeDomain))).stdout);
  },
});
