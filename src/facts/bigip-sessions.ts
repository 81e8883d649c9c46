import type { Fact } from '../core/facts.ts';
import { type BigipSession, parseSummary, sessionsQuestion, sixSessionsQuestion } from '../routers/bigip/summary.ts';
import type { Family } from './router-target.ts';

export type { BigipSession };

type Where = { readonly host: string; readonly routeDomain: number; readonly family?: Family };

/** The sessions of a unit's route domain. None where BGP is off or has no neighbors. */
export const bigipSessions = ({ host, routeDomain, family = 4 }: Where): Fact<readonly BigipSession[]> => ({
  name: `bigip-sessions ${host} rd${routeDomain} IPv${family}`,
  async read(ctx) {
    const unit = ctx.host(host);
    if (family === 4) return parseSummary((await unit.query(sessionsQuestion(routeDomain))).stdout);
    const [six, all] = await unit.queryAll([sixSessionsQuestion(routeDomain), sessionsQuestion(routeDomain)]);
    const own = parseSummary(six?.stdout ?? '');
    return own.length > 0
      ? own
      : parseSummary(all?.stdout ?? '')
          .filter(isOverSix)
          .map(withoutPrefixes);
  },
});

const isOverSix = ({ neighbor }: BigipSession): boolean => neighbor.includes(':');

/** Those that it counts are of IPv4. */
const withoutPrefixes = ({ prefixes: _, ...session }: BigipSession): BigipSession => session;
