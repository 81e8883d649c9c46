import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { CpaasError, type ErrorCode } from '../../core/errors.ts';
import { type ReadCommand, reading } from '../../core/reading.ts';
import type { Claim, Wanted } from '../../core/step.ts';
import type { Output, Query } from '../../core/transport.ts';
import { parseTmsh, properties, text, tmshList, tmshShow } from '../../drivers/tmsh.ts';
import { folderOf } from '../../routers/bigip/change/guard.ts';
import { holdIn, holdQuestion } from '../../routers/bigip/change/hold.ts';
import { isAtWork } from '../../routers/bigip/change/revert.ts';
import { ANY_ANSWER, ROUTE_DOMAINS, routeDomainsIn } from '../../routers/bigip/change/running.ts';
import { RouteDomainPlace } from '../../routers/bigip/place.ts';
import { PAIR_QUESTIONS, pairIn, pairNotes } from '../../routers/bigip/unit/pair.ts';
import { isSupported, productIn } from '../../routers/bigip/unit/product.ts';
import { LIST_SELF_IPS, parseSelfIps } from '../../routers/bigip/unit/self-ips.ts';
import { NO_SHELL, takenBackFromHere } from '../../routers/bigip/unit/shell.ts';

/** `alone`: no other unit is spoken of beside this one. */
const Place = RouteDomainPlace.extend({ selfIp: z.string(), alone: z.boolean().optional() });
export type BigipPreflightPlace = z.infer<typeof Place>;

/** Something as it must be, or a sentence that says what is there instead. */
const Condition = z.union([
  z.literal(true),
  z.string(),
  z.strictObject({ address: z.string(), floating: z.boolean() }).describe('a self-IP'),
]);
export type BigipCondition = z.infer<typeof Condition>;

/** What a unit must have that cpaas does not give it: self-IPs with the addresses that the nodes peer with. */
export const bigipConditions = (
  { routeDomain }: Pick<BigipPreflightPlace, 'routeDomain'>,
  peering: readonly { readonly selfIp: string; readonly address: string }[],
): Wanted<BigipCondition> => [
  ['login', true],
  ['product', true],
  ['routing mode', true],
  ['pair', true],
  ['no other run', true],
  [`route domain ${routeDomain}`, true],
  ...peering.map(({ selfIp, address }) => [`${SELF_IP}${selfIp}`, { address, floating: false }] as const),
];
const SELF_IP = 'self-IP ';

/** Conditions that cpaas looks at and never makes: each one that does not hold is a conflict that names what is missing. */
export const bigipPreflight = defineStep<BigipPreflightPlace, BigipCondition>({
  kind: 'bigip.preflight',
  place: Place,
  value: Condition,
  undo: 'never',
  id: ({ unit, routeDomain, selfIp }) => `${unit}/rd${routeDomain}/${selfIp}`,
  title: () => 'conditions on the unit',
  host: ({ host }) => host,
  within: ({ within }) => within,
  claim: conflict,
  risk: () => ({ risk: 'additive' }),
  commands: () => [],

  async read(ctx, { host, routeDomain, alone = false }, keys) {
    const unit = ctx.host(host);
    const outputs = await unit.queryAll(questions(routeDomain));
    const [id, version, mode, tmosBgp, domains, selfIps, failover, sync, held] = outputs;
    if (NOT_THERE.includes(version?.code ?? 0)) throw noTmsh(unit);
    const found: readonly (readonly [string, BigipCondition])[] = [
      ['login', login(unit, id, version)],
      ['product', product(unit, answerOf(version))],
      ['routing mode', routingMode(unit, mode, tmosBgp)],
      ['pair', true],
      ['no other run', await otherRun(unit, held, routeDomain)],
      [`route domain ${routeDomain}`, routeDomainOf(unit, answerOf(domains), routeDomain)],
      ...[...keys]
        .filter((key) => key.startsWith(SELF_IP))
        .map((key) => [key, selfIpOf(unit, answerOf(selfIps), key.slice(SELF_IP.length), routeDomain)] as const),
    ];
    const shellless = id?.code === NO_SHELL ? [takenBackFromHere(unit.name)] : [];
    const pair = pairNotes(unit.name, pairIn(answerOf(failover), answerOf(sync)), alone);
    const notes: Readonly<Record<string, readonly string[]>> = { login: shellless, pair };
    const told = (key: string) => (notes[key]?.length ? { notes: notes[key] } : {});
    return new Map(found.filter(([key]) => keys.has(key)).map(([key, value]) => [key, { value, ...told(key) }]));
  },
});

/** What a shell ends with that has no such program. */
const NOT_THERE: readonly number[] = [126, 127];

const noTmsh = ({ name }: Query): CpaasError =>
  new CpaasError('BIGIP.PRODUCT', `${name} has no tmsh: it is BIG-IP Next, or no BIG-IP at all`, {
    next: [{ label: 'see that bigip.ssh leads to a BIG-IP 13 to 17 or 21' }],
  });

const QUESTIONS: readonly (readonly string[])[] = [
  ['id', '-u'],
  tmshShow('sys', 'version'),
  tmshList('sys', 'db', 'tmrouted.tmos.routing', 'value'),
  tmshList('net', 'routing', 'bgp'),
  ROUTE_DOMAINS.argv,
  LIST_SELF_IPS,
  ...PAIR_QUESTIONS,
];

const questions = (routeDomain: number): readonly ReadCommand[] => [
  ...QUESTIONS.map((argv) => reading(argv, { codes: [...ANY_ANSWER, ...NOT_THERE] })),
  holdQuestion(routeDomain),
];

function conflict(key: string, seen: { readonly value: BigipCondition } | undefined, want: BigipCondition): Claim {
  return {
    conflict: trouble(key, seen?.value, want),
    code: CODES[key.replace(/ \S+$/, '')] ?? CODES[key] ?? 'STEP.CONFLICT',
  };
}

/** The page about each condition that does not hold. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  login: 'BIGIP.LOGIN',
  product: 'BIGIP.PRODUCT',
  'routing mode': 'BIGIP.ROUTING_MODE',
  'no other run': 'BGP.HELD',
  'route domain': 'BIGIP.ROUTE_DOMAIN',
  'self-IP': 'BIGIP.SELF_IP',
};

function trouble(key: string, there: BigipCondition | undefined, want: BigipCondition): string {
  if (typeof there === 'string') return there;
  if (typeof there !== 'object' || typeof want !== 'object') return `${key} is not there`;
  const { address, floating } = there;
  if (address !== want.address) return `${key} holds ${address}, not ${want.address}`;
  return floating ? `${key} floats between the units of a pair: BGP needs one that stays` : `${key} differs`;
}

const answerOf = (output: Output | undefined): string => (output?.code === 0 ? output.stdout : '');

/** BIG-IP gives bash, as uid 0, to root and to administrators; in appliance mode to nobody. */
function login(unit: Query, id: Output | undefined, version: Output | undefined): BigipCondition {
  // whoever gets tmsh and imish, and nothing else, can be worked with; the others were refused before
  if (id?.code === NO_SHELL && version?.code === 0) return true;
  const uid = id?.stdout.trim() ?? '';
  if (uid === '0') return true;
  if (/^\d+$/.test(uid)) return `${unit.name} gives this login no rights of an administrator (uid ${uid})`;
  return `${unit.name} gives this login no bash: it needs the advanced shell (tmsh modify auth user NAME shell bash)`;
}

function product(unit: Query, shown: string): BigipCondition {
  const found = productIn(shown);
  if (!found) return `${unit.name} does not say that it is a BIG-IP`;
  return isSupported(found) || `${unit.name} is ${found.name} ${found.version}; cpaas knows BIG-IP 13 to 17 and 21`;
}

/** imish and `net routing` exclude each other. Old versions know neither the variable nor the objects. */
function routingMode(unit: Query, variable: Output | undefined, objects: Output | undefined): BigipCondition {
  const [db] = variable?.code === 0 ? parseTmsh(variable.stdout, ['sys db']) : [];
  if (db && text(properties(db.block)['value']) === 'enable')
    return `${unit.name} keeps its routing in tmsh (tmrouted.tmos.routing is enable): imish cannot be used beside it`;
  const names = objects?.code === 0 ? parseTmsh(objects.stdout, ['net routing bgp']).map(({ name }) => name) : [];
  return names.length === 0 ? true : `${unit.name} keeps BGP in tmsh (net routing bgp ${names.join(', ')})`;
}

/** Whose change waits there to be confirmed. One that a dead run has left is taken back before anything else is done. */
async function otherRun(unit: Query, held: Output | undefined, routeDomain: number): Promise<BigipCondition> {
  const hold = held && holdIn(held);
  if (!hold || !(await isAtWork(unit, routeDomain, hold))) return true;
  if (!hold.holder) return `${unit.name} is held by another version of cpaas (${folderOf(routeDomain)})`;
  const { pid, user, machine, since } = hold.holder;
  return `${unit.name} is held by another cpaas: process ${pid} of ${user} on ${machine}, since ${since}`;
}

function routeDomainOf(unit: Query, listed: string, id: number): BigipCondition {
  const domains = [...routeDomainsIn(listed).keys()];
  if (domains.includes(`${id}`)) return true;
  return `${unit.name} has no route domain ${id}; in /Common it has: ${domains.join(', ') || 'none'}`;
}

function selfIpOf(unit: Query, listed: string, wanted: string, routeDomain: number): BigipCondition {
  const selfIps = parseSelfIps(listed);
  const found = selfIps.find(({ name }) => name === wanted);
  if (found && found.routeDomain !== routeDomain)
    return `self-IP ${wanted} of ${unit.name} is in route domain ${found.routeDomain}, not ${routeDomain}`;
  if (found) return { address: found.address, floating: found.floating };
  return `${unit.name} has no self-IP "${wanted}"; in /Common it has: ${selfIps.map(({ name }) => name).join(', ') || 'none'}`;
}
