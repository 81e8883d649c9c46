import { setTimeout as pause } from 'node:timers/promises';
import type { Reader } from '../../../core/context.ts';
import { CpaasError } from '../../../core/errors.ts';
import { lastWords } from '../../../core/last-words.ts';
import { ANY_END, type ReadCommand, reading } from '../../../core/reading.ts';
import type { Output, Query } from '../../../core/transport.ts';
import { imishExec } from '../../../drivers/imish.ts';
import { parseTmsh, properties, text, tmshList, tmshShow, words } from '../../../drivers/tmsh.ts';
import { EMPTY, parseConfig, type RouterConfig } from '../config/config.ts';
import { printed } from '../config/printed.ts';
import type { RouteDomainPlace } from '../place.ts';
import { type Hold, holdIn, holdQuestion } from './hold.ts';

/** imish and tmsh promise nothing by what they end with: only that they could not be started (126, 127) is an answer of the host. */
export const ANY_ANSWER = ANY_END.filter((code) => code < 126);

/** What imish answers while its daemons come up after BGP was enabled: ten seconds or more on a real unit. */
export const NOT_RUNNING = /Protocol daemon is not running|Dynamic routing is not enabled/;

/** Milliseconds. */
export const DAEMON_DEADLINE = 60_000;
const SOON = 250;

type Where = Pick<RouteDomainPlace, 'host' | 'routeDomain'>;

export interface Running {
  /** Whether the route domain has BGP at all; without it, nothing is in force. */
  readonly enabled: boolean;
  readonly config: RouterConfig;
  /** A revert that will take back some of that. */
  readonly hold?: Hold;
  /** What was answered to the questions that were asked along. */
  readonly along: readonly Output[];
}

interface Manner {
  /** Milliseconds. */
  readonly deadline?: number;
  /** Further questions for the same round trip. */
  readonly along?: readonly ReadCommand[];
  /** The route domain is known to have BGP: tmsh, which is slow, is asked only when imish does not answer. */
  readonly enabled?: boolean;
}

/**
 * What imish has in force. While the daemons come up it asks again, until a deadline. Rejects with `BGP.DAEMON` when they do not, and
 * with `BGP.ANSWER` for half an answer.
 */
export async function runningConfig(
  ctx: Reader,
  { host, routeDomain }: Where,
  { deadline = DAEMON_DEADLINE, along = [], enabled = false }: Manner = {},
): Promise<Running> {
  const unit = ctx.host(host);
  const end = Date.now() + deadline;
  for (let known = enabled; ; known = false) {
    const domains = known ? [] : [ROUTE_DOMAINS];
    const outputs = await unit.queryAll([...domains, ...ownQuestions(routeDomain), ...along]);
    const [shown, held, ...more] = outputs.slice(domains.length);
    const hold = held && holdIn(held);
    const also = { ...(hold ? { hold } : {}), along: more };
    if (!known && !hasBgp(routeDomain, outputs[0], unit.name)) return { enabled: false, config: EMPTY, ...also };
    const answer = `${shown?.stdout ?? ''}${shown?.stderr ?? ''}`;
    if (!NOT_RUNNING.test(answer)) return { enabled: true, config: whole(answer, unit.name), ...also };
    if (Date.now() >= end) throw daemonDown(unit.name, routeDomain, answer, await daemonState(unit));
    await pause(SOON, undefined, { signal: ctx.signal });
  }
}

/** What stands when nothing is on its way any more. */
export async function settlingConfig(ctx: Reader, where: Where): Promise<Running> {
  const running = await runningConfig(ctx, where);
  return running.enabled && running.hold ? { ...running, config: running.hold.before } : running;
}

/** All that there are: one list tells which of them there is, and which of them have BGP. */
export const ROUTE_DOMAINS: ReadCommand = reading(tmshList('net', 'route-domain'), { codes: ANY_ANSWER });

export const showRunning = (routeDomain: number): ReadCommand =>
  reading(imishExec(routeDomain, 'show running-config'), { codes: ANY_ANSWER });

const ownQuestions = (routeDomain: number) => [showRunning(routeDomain), holdQuestion(routeDomain)];

interface RouteDomain {
  /** What tmsh calls it, which need not be its id. */
  readonly name: string;
  readonly found: ReturnType<typeof properties>;
}

/** The listed route domains, by id. */
export function routeDomainsIn(stdout: string): ReadonlyMap<string, RouteDomain> {
  const listed = parseTmsh(stdout, ['net route-domain']).map(({ name, block }) => ({ name, found: properties(block) }));
  return new Map(listed.map((each) => [text(each.found['id']) ?? each.name, each]));
}

/**
 * What tmsh wants a route domain called: only the unit knows the names of those that people have made. Rejects with `BGP.ANSWER` where
 * tmsh gave no list, or another one has the id for its name: the wrong one would be modified.
 */
export async function routeDomainName(unit: Query & { readonly name: string }, id: number): Promise<string> {
  if (id === 0) return '0';
  const domains = listedDomains(await unit.query(ROUTE_DOMAINS), unit.name);
  const named = domains.get(`${id}`)?.name;
  const another = [...domains].find(([, { name }]) => name === `${id}`);
  if (named === undefined && another)
    throw new CpaasError('BGP.ANSWER', `${unit.name}: no route domain has the id ${id}, and another is called so`, {
      evidence: [{ label: `id of ${id}`, text: another[0] }],
    });
  return named ?? `${id}`;
}

/** Whether a route domain has BGP, by the list of all. One that is not there has not. Throws as `listedDomains` does. */
export function hasBgp(routeDomain: number, listed: Output | undefined, unit: string): boolean {
  const domain = listedDomains(listed, unit).get(`${routeDomain}`);
  return words(domain?.found['routing-protocol']).includes('BGP');
}

/** The route domains of an answer. Throws `BGP.ANSWER` where tmsh gave no list: what is ours would be taken for gone. */
function listedDomains(listed: Output | undefined, unit: string): ReadonlyMap<string, RouteDomain> {
  if (listed?.code !== 0)
    throw new CpaasError('BGP.ANSWER', `${unit}: tmsh did not list the route domains`, {
      evidence: [{ label: 'answer', text: lastWords(`${listed?.stdout ?? ''}${listed?.stderr ?? ''}`) || '(nothing)' }],
    });
  return routeDomainsIn(listed.stdout);
}

/** What the unit says of the process that starts and ends the routing daemons. */
export async function daemonState(unit: Query): Promise<string> {
  const { stdout } = await unit.query(reading(tmshShow('sys', 'service', 'tmrouted'), { codes: ANY_ANSWER }));
  return stdout.trim() || '(nothing)';
}

export const daemonDown = (unit: string, routeDomain: number, answer: string, state: string): CpaasError =>
  new CpaasError('BGP.DAEMON', `${unit}: the BGP daemon of route domain ${routeDomain} does not come up`, {
    evidence: [
      { label: 'answer', text: answer.trim() || '(nothing)' },
      { label: 'tmrouted', text: state },
    ],
    next: [
      { label: 'shows the state of the daemons, on the unit', command: 'tmsh show sys service tmrouted' },
      { label: 'tells whether dynamic routing is licensed, on the unit', command: 'tmsh show sys license' },
    ],
  });

/** Whether an answer has a configuration from its beginning to its end. */
export const isWhole = (answer: string): boolean => printed(answer).whole;

export function whole(answer: string, unit: string): RouterConfig {
  if (isWhole(answer)) return parseConfig(answer);
  throw new CpaasError('BGP.ANSWER', `${unit}: imish did not show a whole configuration`, {
    evidence: [{ label: 'answer', text: lastWords(answer) || '(nothing)' }],
  });
}
