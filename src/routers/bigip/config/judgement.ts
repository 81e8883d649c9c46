import type { Claim, ElementChange, RiskOf, Seen } from '../../../core/step.ts';
import { ROUTER } from './config.ts';
import { isRival, type LineValue, lineOf, makesNeighbor, subjectOf } from './lines.ts';

/** Whether a line may be made or changed. Somebody else's other value refuses, except where both serve the cluster. */
export function claimLine(key: string, seen: Seen<LineValue> | undefined, want: LineValue, ours: boolean): Claim {
  if (!seen || ours || isHarmless(key, seen.value, want)) return seen && !ours ? 'leave' : 'take';
  if (key === ROUTER)
    return {
      conflict: `BGP runs there in AS ${seen.value} already; the file asks for AS ${want}, and there can be only one`,
    };
  const subject = subjectOf(key);
  if (subject && makesNeighbor(key)) {
    const stands = isRival(seen.value) ? seen.value : `${subject.attribute} ${seen.value}`;
    return { conflict: `neighbor ${subject.name} is there already with ${stands}, not ${subject.attribute} ${want}` };
  }
  return {
    conflict: `somebody else has "${lineOf({ key, value: seen.value })}" there, not "${lineOf({ key, value: want })}"`,
  };
}

/**
 * How long a unit asks others to keep its routes while it restarts is its operator's choice, and the cluster works with any. So it does
 * with more hops than it needs.
 */
function isHarmless(key: string, there: LineValue, want: LineValue): boolean {
  if (key === 'bgp graceful-restart restart-time') return true;
  return subjectOf(key)?.attribute === 'ebgp-multihop' && (there === true || Number(there) >= Number(want));
}

/** What a change of one line disturbs. The sessions it ends are named where they are known: those that stood there. */
export function riskOfLine({ key, from, dependents = [] }: ElementChange<LineValue>): RiskOf {
  if (from === undefined) return { risk: 'additive' };
  const which = dependents.length > 0 ? `: ${listed(dependents)}` : '';
  if (key === ROUTER)
    return { risk: 'destructive', why: `every BGP session of AS ${from} on this route domain ends${which}` };
  const subject = subjectOf(key);
  if (/^ip(v6)? prefix-list /.test(key)) return { risk: 'disruptive', why: `${listOf(key)} admits other routes` };
  if (!subject)
    return key === 'bgp router-id' ? { risk: 'disruptive', why: `${RESTART}${which}` } : { risk: 'additive' };
  const { name, attribute, isGroup } = subject;
  if (isGroup && (attribute === 'remote-as' || attribute === 'peer-group'))
    return { risk: 'destructive', why: `every session of peer group ${name} ends${which}` };
  if (attribute === 'description') return { risk: 'additive' };
  const whose = isGroup ? `every session of peer group ${name}` : `the session with ${name}`;
  return { risk: 'disruptive', why: `${whose} ${makesNeighbor(key) ? 'ends' : 'may start anew'}${which}` };
}

/** The most sessions that are named one by one. */
const MOST = 12;

const listed = (addresses: readonly string[]): string =>
  addresses.length <= MOST
    ? addresses.join(', ')
    : `${addresses.slice(0, MOST).join(', ')} and ${addresses.length - MOST} more`;

const listOf = (key: string): string => `prefix-list ${key.split(' ')[2]}`;

const RESTART = 'every BGP session of this route domain starts anew with the new router ID';
