import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { CpaasError } from '../../core/errors.ts';
import type { ReadCommand } from '../../core/reading.ts';
import type { Command, Seen } from '../../core/step.ts';
import { imishExec } from '../../drivers/imish.ts';
import { recover } from '../../routers/bigip/change/revert.ts';
import {
  ANY_ANSWER,
  hasBgp,
  NOT_RUNNING,
  ROUTE_DOMAINS,
  routeDomainName,
  showRunning,
  whole,
} from '../../routers/bigip/change/running.ts';
import type { RouterConfig } from '../../routers/bigip/config/config.ts';
import { lineOf } from '../../routers/bigip/config/lines.ts';
import { foreignLines, seenIn } from '../../routers/bigip/config/seen.ts';
import { RouteDomainPlace } from '../../routers/bigip/place.ts';
import { saveSysConfig } from '../../routers/bigip/saving/save-sys-config.ts';
import { savedConfig } from '../../routers/bigip/saving/saved.ts';

/** The one element of the place. */
export const BGP = 'BGP';

const modify = (routeDomain: string, verb: 'add' | 'delete'): readonly string[] => [
  'tmsh',
  'modify',
  'net',
  'route-domain',
  routeDomain,
  'routing-protocol',
  verb,
  '{',
  BGP,
  '}',
];

const write = (routeDomain: number): readonly string[] => imishExec(routeDomain, 'write');

const questions = (routeDomain: number): readonly ReadCommand[] => [ROUTE_DOMAINS, showRunning(routeDomain)];

/** BGP on a route domain: its daemons run, and imish has something to configure. Other protocols there are left alone. */
export const bigipRoutingProtocol = defineStep<RouteDomainPlace, true>({
  kind: 'bigip.routing-protocol',
  place: RouteDomainPlace,
  value: z.literal(true),
  undo: 'down',
  id: ({ unit, routeDomain }) => `${unit}/rd${routeDomain}`,
  title: ({ routeDomain }) => `BGP on route domain ${routeDomain}`,
  host: ({ host }) => host,
  within: ({ within }) => within,
  claim: () => 'take',
  risk: ({ to }, { routeDomain }) =>
    to ? { risk: 'additive' } : { risk: 'destructive', why: `BGP ends on route domain ${routeDomain}` },
  describe: ({ to }) => `routing-protocol ${to ? 'add' : 'delete'} { ${BGP} }`,
  close: saveSysConfig,

  async read(ctx, { host, routeDomain, cluster }) {
    const unit = ctx.host(host);
    const [domains, shown] = await unit.queryAll(questions(routeDomain));
    if (!hasBgp(routeDomain, domains, unit.name)) return new Map();
    const answer = `${shown?.stdout ?? ''}${shown?.stderr ?? ''}`;
    const used = !NOT_RUNNING.test(answer) && foreignNeighbors(whole(answer, unit.name), cluster);
    const seen: Seen<true> = used ? { value: true, mark: 'other' } : { value: true };
    return new Map([[BGP, seen]]);
  },

  commands: ({ routeDomain }, changes) => changes.flatMap(({ to }) => commands(routeDomain, to)),

  async write(ctx, { host, routeDomain, cluster }, changes) {
    const unit = ctx.host(host);
    if (changes.some(({ to }) => !to)) {
      const { config } = await recover(ctx, { host, routeDomain });
      refuseWhileInForce(config, cluster, unit.name);
      const { stdout, stderr } = await unit.run(write(routeDomain), { codes: ANY_ANSWER });
      const answer = `${stdout}${stderr}`.trim() || '(nothing)';
      refuseWhileSaved(await savedConfig(ctx, { host, routeDomain }), cluster, unit.name, answer);
    }
    const name = await routeDomainName(unit, routeDomain);
    for (const { to } of changes)
      await unit.run(modify(name, to ? 'add' : 'delete')).catch((error: unknown) => {
        throw unlicensed(unit.name, error) ?? error;
      });
  },
});

/** Those that are ours. */
const oursIn = (config: RouterConfig, cluster: string) =>
  [...seenIn(config, cluster, new Set())].filter(([, { mark }]) => mark === 'ours');

/** Lines that could not be taken away would be saved, come back when BGP is enabled again, and be out of reach until then. */
function refuseWhileInForce(config: RouterConfig, cluster: string, unit: string): void {
  const ours = oursIn(config, cluster);
  if (ours.length === 0) return;
  throw new CpaasError('BGP.IN_FORCE', `${unit}: BGP stays enabled while lines of ${cluster} are in force there`, {
    evidence: ours.map(([key, { value }]) => ({ label: 'in force', text: lineOf({ key, value }) })),
    next: [{ label: 'takes them away first', command: 'cpaas down' }],
  });
}

/** What was taken away and is still saved would come back, and be out of reach meanwhile. */
function refuseWhileSaved(saved: RouterConfig, cluster: string, unit: string, answer: string): void {
  const ours = oursIn(saved, cluster);
  if (ours.length === 0) return;
  throw new CpaasError('BGP.NOT_SAVED', `${unit}: BGP stays enabled while lines of ${cluster} are saved there`, {
    evidence: [
      { label: 'answer', text: answer },
      ...ours.map(([key, { value }]) => ({ label: 'saved', text: lineOf({ key, value }) })),
    ],
    next: [{ label: 'tells whether its disk is full, on the unit', command: 'df /config' }],
  });
}

/** A licence is known by trying alone: its name differs between products. */
function unlicensed(unit: string, error: unknown): CpaasError | undefined {
  if (!(error instanceof CpaasError) || !error.evidence.some(({ text }) => /licen[sc]e/i.test(text))) return undefined;
  return new CpaasError('BIGIP.LICENCE', `${unit} has no licence for dynamic routing`, {
    cause: error,
    evidence: error.evidence,
    next: [{ label: 'shows what is licensed, on the unit', command: 'tmsh show sys license' }],
  });
}

/** What imish holds is saved before BGP goes: what we took away there would come back when BGP is enabled again. */
const commands = (routeDomain: number, to: true | undefined): readonly Command[] =>
  to
    ? [{ argv: modify(`${routeDomain}`, 'add') }]
    : [{ argv: write(routeDomain) }, { argv: modify(`${routeDomain}`, 'delete') }];

/** Whether somebody else's sessions would end with BGP. */
const foreignNeighbors = (running: RouterConfig, cluster: string): boolean =>
  foreignLines(running, cluster, new Set()).some(({ text }) => /^neighbor [\da-f:.]+ /.test(text));
