import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { CpaasError } from '../../core/errors.ts';
import { SecretRef } from '../../core/secret.ts';
import type { Command, ElementChange } from '../../core/step.ts';
import type { Closing } from '../../core/step-kind.ts';
import { imishExec, imishShell } from '../../drivers/imish.ts';
import { typed } from '../../routers/bigip/change/conversation.ts';
import { push } from '../../routers/bigip/change/push.ts';
import { pushFromHere } from '../../routers/bigip/change/push-from-here.ts';
import { planned, REVERT_AFTER, recover } from '../../routers/bigip/change/revert.ts';
import { ANY_ANSWER, settlingConfig } from '../../routers/bigip/change/running.ts';
import {
  establishedIn,
  ipv6SessionsQuestion,
  sessionsQuestion,
  speaksIpv6,
} from '../../routers/bigip/change/summary.ts';
import type { RouterConfig } from '../../routers/bigip/config/config.ts';
import { claimLine, riskOfLine } from '../../routers/bigip/config/judgement.ts';
import { isRival, isSecret, LineValue, lineOf, undoingLineOf, wholesOf } from '../../routers/bigip/config/lines.ts';
import { linesOf } from '../../routers/bigip/config/order.ts';
import { givingBack } from '../../routers/bigip/config/passwords.ts';
import { seenIn } from '../../routers/bigip/config/seen.ts';
import { undoingLines } from '../../routers/bigip/config/undo.ts';
import { RouteDomainPlace } from '../../routers/bigip/place.ts';
import { savedConfig, savedState, someOf } from '../../routers/bigip/saving/saved.ts';
import { HAS_SHELL, NO_SHELL } from '../../routers/bigip/unit/shell.ts';

/**
 * `asNumber` is the unit's own AS: lines have to say which process they are for. `revertAfter`: seconds until the unit takes a change
 * back that was not confirmed. `password`: of the neighbors and groups that are to have one.
 */
const Place = RouteDomainPlace.extend({
  asNumber: z.number().int(),
  revertAfter: z.number().int().optional(),
  password: SecretRef.optional(),
});
export type BigipBgpPlace = z.infer<typeof Place>;

/** What close looks for before the first change: somebody else's lines that are in force but not saved, or the other way round. */
const Before = z.object({ unsaved: z.array(z.string()) }).optional();

const STILL_SAVED = 'BGP is off, but what is saved of it comes back when it is enabled';
const notSaved = (lines: readonly string[]): string =>
  `not saved, since somebody's changes had not been saved before (${someOf(lines)}): write in imish saves all`;

const close: Closing<BigipBgpPlace> = {
  id: ({ unit, routeDomain }) => `imish write:${unit}/rd${routeDomain}`,
  title: ({ routeDomain }) => `write on route domain ${routeDomain}`,
  commands: ({ routeDomain }) => [{ argv: imishExec(routeDomain, 'write') }],
  before: async (ctx, place) => ({ unsaved: (await savedState(ctx, place)).differing }),

  async act(ctx, place, [before]) {
    await recover(ctx, place);
    const found = await savedState(ctx, place);
    if (!found.enabled) return found.keeps ? STILL_SAVED : undefined;
    if (found.differing.length === 0 && !found.hides) return undefined;
    const { unsaved = [] } = Before.parse(before) ?? {};
    const theirs = unsaved.filter((line) => found.differing.includes(line));
    if (theirs.length > 0) return notSaved(theirs);
    const unit = ctx.host(place.host);
    const { stdout, stderr } = await unit.run(imishExec(place.routeDomain, 'write'), { codes: ANY_ANSWER });
    const { differing } = await savedState(ctx, place);
    if (differing.length === 0) return undefined;
    throw new CpaasError('BGP.NOT_SAVED', `${unit.name}: what is in force is not what a restart would bring back`, {
      evidence: [
        { label: 'answer', text: `${stdout}${stderr}`.trim() || '(nothing)' },
        ...differing.map((text) => ({ label: 'differs', text })),
      ],
      next: [{ label: 'tells whether its disk is full, on the unit', command: 'df /config' }],
    });
  },
};

/** The lines of `router bgp` that cpaas manages, typed into imish. All others are left alone. */
export const bigipBgp = defineStep<BigipBgpPlace, LineValue>({
  kind: 'bigip.bgp',
  place: Place,
  value: LineValue,
  undo: 'down',
  id: ({ unit, routeDomain }) => `${unit}/rd${routeDomain}`,
  title: ({ asNumber }) => `router bgp ${asNumber}`,
  host: ({ host }) => host,
  within: ({ within }) => within,
  claim: claimLine,
  risk: riskOfLine,
  partOf: wholesOf,
  hidden: isSecret,
  close,

  describe({ key, from, to }) {
    if (to === undefined) return from === undefined ? key : undoingLineOf({ key, value: from });
    const line = lineOf({ key, value: to });
    return from === undefined ? line : `${line} (${from === to ? 'anew' : `was ${from}`})`;
  },

  async read(ctx, place, keys) {
    const { enabled, config } = await settlingConfig(ctx, place);
    // while BGP is off nothing is in force, but what is saved comes back as soon as it is enabled
    return seenIn(enabled ? config : await savedConfig(ctx, place), place.cluster, keys);
  },

  commands: (place, changes) => commandsOf(place, changes),

  async write(ctx, place, changes) {
    if (changes.length === 0) return;
    const unit = ctx.host(place.host);
    const along = [HAS_SHELL, sessionsQuestion(place.routeDomain)];
    const { enabled, config: current, along: said } = await recover(ctx, place, along);
    if (!enabled) throw savedOnly(unit.name, place.routeDomain);
    const due = stillDue(changes, current, place, unit.name);
    if (due.length === 0) return;
    const ordering = { ...place, current };
    const { revertAfter = REVERT_AFTER, password } = place;
    const [lines, undo] = [linesOf(due, ordering), givingBack(undoingLines(due, ordering), due, password)];
    const [shell, ...summaries] = said;
    // only the configuration tells whether there is more to ask
    const six = speaksIpv6(current) ? [await unit.query(ipv6SessionsQuestion(place.routeDomain))] : [];
    const up = establishedIn([...summaries, ...six]);
    const pushing = shell?.code === NO_SHELL ? pushFromHere : push;
    await pushing(ctx, place, { changes: due, lines, undo, current, up, revertAfter, password });
  },
});

function commandsOf(place: BigipBgpPlace, changes: readonly ElementChange<LineValue>[]): readonly Command[] {
  const lines = linesOf(changes, place);
  if (lines.length === 0) return [];
  const { arm, confirm } = planned(place, givingBack(undoingLines(changes, place), changes, place.password));
  return [arm, { argv: imishShell(place.routeDomain), stdin: typed(lines) }, confirm];
}

/** Lines that are only saved cannot be typed away, and they would come back. */
const savedOnly = (unit: string, routeDomain: number): CpaasError =>
  new CpaasError(
    'BGP.NOT_ENABLED',
    `${unit}: BGP is off on route domain ${routeDomain}, with lines saved that are to change`,
    {
      next: [
        {
          label: 'brings them into force, on the unit',
          command: `tmsh modify net route-domain ${routeDomain} routing-protocol add { BGP }`,
        },
        { label: 'gives them up', command: `cpaas forget ${unit}` },
      ],
    },
  );

/**
 * Changes that nobody has made since they were planned, from what is there now. Throws `BGP.CHANGED` when somebody has made another one
 * instead, or put something of theirs into what is to go.
 */
function stillDue(
  changes: readonly ElementChange<LineValue>[],
  config: RouterConfig,
  { cluster }: BigipBgpPlace,
  unit: string,
): readonly ElementChange<LineValue>[] {
  const there = seenIn(config, cluster, new Set(changes.map(({ key }) => key)));
  const due = changes.filter(({ key, from, to }) => there.get(key)?.value !== to || (isSecret(key) && from === to));
  const changed = due.flatMap(({ key, from, to }) => {
    const now = there.get(key);
    const giving = now?.mark === 'ours' && isRival(now.value);
    if (now && now.value !== from && !giving) return [{ label: key, text: `is now ${now.value}` }];
    return now?.mark === 'other' && to === undefined
      ? [{ label: key, text: 'has lines of somebody else in it now' }]
      : [];
  });
  if (changed.length === 0) return due.map((each) => ({ ...each, from: there.get(each.key)?.value }));
  throw new CpaasError('BGP.CHANGED', `${unit}: somebody changed BGP while cpaas was about to`, {
    evidence: changed,
    next: [{ label: 'looks again', command: 'cpaas plan' }],
  });
}
