import type { Check, VerifyDocument } from '../core/documents.ts';
import { packetChecks } from './packets.ts';
import { hostRouteChecks, learnedRouteChecks } from './routes.ts';
import { sessionChecks } from './sessions.ts';
import type { Subject } from './subject.ts';

/**
 * Proves that pods are reached from the routers: sessions at both ends, routes that are in force and lead to the owner, packets that
 * come back. Established alone is no proof. Groups go on one after another, so that what fails first explains what fails next.
 */
export async function verification(subject: Subject): Promise<VerifyDocument> {
  const checks: Check[] = [];
  for (const group of [sessionChecks, learnedRouteChecks, hostRouteChecks, packetChecks])
    checks.push(...(await group(subject)));
  const count = (result: Check['result']): number => checks.filter((check) => check.result === result).length;
  return { checks, summary: { pass: count('pass'), fail: count('fail'), skip: count('skip') } };
}
