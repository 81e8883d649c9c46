import type { Fact } from '../../core/facts.ts';
import { isIpv6 } from '../../net/cidr.ts';
import {
  type BigipSession,
  ipv6SessionsQuestion,
  parseSummary,
  sessionsQuestion,
} from '../../routers/bigip/change/summary.ts';
import type { Family } from '../router-target.ts';

export type { BigipSession };

interface Where {
  readonly host: string;
  readonly routeDomain: number;
  /** `any`: those of both, each once. */
  readonly family?: Family | 'any';
}

/** The sessions of a unit's route domain. None where BGP is off or has no neighbors. One round trip, whatever is asked. */
export const bigipSessions = ({ host, routeDomain, family = 4 }: Where): Fact<readonly BigipSession[]> => ({
  name: `bigip-sessions ${host} rd${routeDomain} IPv${family}`,
  async read(ctx) {
    const unit = ctx.host(host);
    if (family === 4) return parseSummary((await unit.query(sessionsQuestion(routeDomain))).stdout);
    const [six, all] = await unit.queryAll([ipv6SessionsQuestion(routeDomain), sessionsQuestion(routeDomain)]);
    const [own, named] = [parseSummary(six?.stdout ?? ''), parseSummary(all?.stdout ?? '')];
    const instead = named.filter(isOverIpv6).map(withoutPrefixes);
    if (family === 6) return own.length > 0 ? own : instead;
    const told = [...named.filter((each) => !isOverIpv6(each)), ...instead, ...own.filter(isOverIpv6)];
    return [...new Map(told.map((each) => [each.neighbor, each])).values()];
  },
});

const isOverIpv6 = ({ neighbor }: BigipSession): boolean => isIpv6(neighbor);

/** Those that it counts are of IPv4. */
const withoutPrefixes = ({ prefixes: _, ...session }: BigipSession): BigipSession => session;
