import type { ElementChange } from '../../../core/step.ts';
import { markOf } from '../place.ts';
import { elementsOf, neighborIn, ROUTER, type RouterConfig } from './config.ts';
import { isRival, type LineValue, levelOf, lineOf, makesNeighbor, subjectOf, undoingLineOf } from './lines.ts';
import { removalLines, subjectsGone, subjectsRemade, subjectsTaken } from './removal.ts';

export interface Ordering {
  /** The AS of `router bgp`, where the changes themselves do not say. */
  readonly asNumber: number;
  readonly cluster: string;
  /** What stands there now; left out in a plan, which names what it does not know. */
  readonly current?: RouterConfig;
  /** Whose lines are given again as they stand in `current`, besides those that the changes make anew; of no neighbor: the empty name. */
  readonly restore?: (subject: string) => boolean;
}

type Change = ElementChange<LineValue>;

/**
 * The lines of configuration mode that make changes, as few as possible, in an order that ZebOS accepts: global lines first; what
 * goes before what comes; members leave before their group goes; a group and its AS stand before its members.
 */
export function linesOf(changes: readonly Change[], ordering: Ordering): readonly string[] {
  const global = changes.filter(({ key }) => key !== ROUTER && levelOf(key).level === 'global');
  const block = routerLines(changes, ordering);
  const gone = global.flatMap(({ key, from, to }) =>
    to === undefined && from !== undefined ? [undoingLineOf({ key, value: from })] : [],
  );
  const leaves = gone.length > 0 && block.length > 0 && !block.at(-1)?.startsWith('no router bgp');
  return [...global.flatMap(making), ...block, ...(leaves ? ['exit'] : []), ...gone];
}

function routerLines(changes: readonly Change[], ordering: Ordering): readonly string[] {
  const router = changes.find(({ key }) => key === ROUTER);
  const inside = changes.filter(({ key }) => levelOf(key).level !== 'global');
  if (router && router.to === undefined) return [`no ${ROUTER} ${router.from}`];
  if (router?.from !== undefined)
    return [`no ${ROUTER} ${router.from}`, `${ROUTER} ${router.to}`, ...again(inside, `${router.from}`, ordering)];
  const whole = [...inside, ...restored(inside, ordering)];
  const gone = restoring(inside, ordering);
  const kept = (context: string) => opaqueLines(ordering.current, context, gone);
  const body = [
    ...removalLines(inside),
    ...setting(whole, ordering),
    ...kept(ROUTER),
    ...families(whole, ordering.current, kept),
  ];
  return router || body.length > 0 ? [`${ROUTER} ${router?.to ?? ordering.asNumber}`, ...body] : [];
}

/** With the old AS everything in it went: it is made anew, what is not ours as it stood. */
function again(changes: readonly Change[], as: string, { current, ...ordering }: Ordering): readonly string[] {
  const wanted = changes.filter(({ to }) => to !== undefined).map((each) => ({ ...each, from: undefined }));
  if (!current) return [...setting(wanted, ordering), ...families(wanted), `<all other lines of ${ROUTER} ${as}>`];
  const touched = new Set(changes.map(({ key }) => key));
  const gone = subjectsGone(changes);
  const stood = [...elementsOf(current)]
    .filter(([key]) => !touched.has(key) && levelOf(key).level !== 'global' && !gone.has(subjectOf(key)?.name ?? ''))
    .map(([key, value]): Change => ({ key, from: undefined, to: value, before: value, cause: 'wanted' }));
  const opaque = (context: string) => opaqueLines(current, context, (name) => !gone.has(name));
  const all = [...stood, ...wanted];
  return [...setting(all, ordering), ...opaque(ROUTER), ...families(all, current, opaque)];
}

/** Lines that cpaas does not understand, of the subjects chosen; lines of no neighbor have none: the empty name. */
function opaqueLines(
  current: RouterConfig | undefined,
  context: string,
  chosen: (subject: string) => boolean,
): readonly string[] {
  return (current?.lines ?? []).flatMap((line) => {
    return line.context === context && !line.element && chosen(neighborIn(line) ?? '') ? [line.text] : [];
  });
}

/** Whose lines go with a line that is taken away, and are given again. */
function restoring(changes: readonly Change[], { restore }: Ordering): (subject: string) => boolean {
  const remade = subjectsRemade(changes);
  return (name) => remade.has(name) || (restore?.(name) ?? false);
}

/** What neighbors that are made another way had besides: it is given to them again. */
function restored(changes: readonly Change[], ordering: Ordering): readonly Change[] {
  const { current, cluster, restore } = ordering;
  const gone = restoring(changes, ordering);
  const touched = new Set(changes.map(({ key }) => key));
  return [...(current ? elementsOf(current) : [])]
    .filter(([key]) => !touched.has(key) && levelOf(key).level !== 'global' && gone(subjectOf(key)?.name ?? ''))
    .filter(([key, value]) => restore || (value !== markOf(cluster) && !makesNeighbor(key)))
    .map(([key, value]): Change => ({ key, from: undefined, to: value, before: value, cause: 'wanted' }));
}

/** Lines that make or change, at the level of `router bgp`. */
function setting(changes: readonly Change[], ordering: Ordering): readonly string[] {
  const order = new Map<string, number>();
  for (const name of changes.map(({ key }) => subjectOf(key)?.name ?? ''))
    if (!order.has(name)) order.set(name, order.size);
  return changes
    .filter(({ key, to }) => to !== undefined && levelOf(key).level === 'router')
    .map((change) => ({ change, rank: settingRank(change.key, order) }))
    .sort((one, other) => compare(one.rank, other.rank))
    .flatMap(({ change }) => [...making(change), ...marking(change, ordering)]);
}

/** Group before neighbor, each whole before the next; its AS, its group, then the rest. */
function settingRank(key: string, order: ReadonlyMap<string, number>): readonly number[] {
  const subject = subjectOf(key);
  if (!subject) return [0];
  const first = subject.isGroup ? ['peer-group', 'remote-as'] : ['remote-as', 'peer-group'];
  const at = first.indexOf(subject.attribute);
  return [subject.isGroup ? 1 : 2, order.get(subject.name) ?? 0, at < 0 ? first.length : at];
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((rank, index) => rank !== other[index]);
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}

const making = ({ key, to }: Change): readonly string[] => (to === undefined ? [] : [lineOf({ key, value: to })]);

/** A neighbor that we make says whose it is; somebody's own words about it stay. */
function marking({ key, from, to, before }: Change, { cluster, current }: Ordering): readonly string[] {
  if (!makesNeighbor(key) || before !== undefined || to === undefined) return [];
  const made = from === undefined || isRival(from) || key.endsWith(' peer-group');
  const name = subjectOf(key)?.name;
  const words = current && elementsOf(current).get(`neighbor ${name} description`);
  const described = words !== undefined && (from === undefined || words !== markOf(cluster));
  return made && !described ? [`neighbor ${name} description ${markOf(cluster)}`] : [];
}

/** Address families, each entered once. What belongs to a neighbor or group that goes is not spelled out. */
function families(
  changes: readonly Change[],
  current?: RouterConfig,
  opaque: (context: string) => readonly string[] = () => [],
): readonly string[] {
  const taken = subjectsTaken(changes);
  const lines = new Map<string, string[]>();
  for (const change of changes) {
    const { level } = levelOf(change.key);
    const { key, from, to } = change;
    if (typeof level === 'string' || (to === undefined && taken.has(subjectOf(key)?.name ?? ''))) continue;
    const line =
      to === undefined ? from !== undefined && undoingLineOf({ key, value: from }) : lineOf({ key, value: to });
    const context = `${ROUTER} / ${level.family}`;
    if (line) lines.set(context, [...(lines.get(context) ?? []), line]);
  }
  for (const { context } of current?.lines ?? [])
    if (context.startsWith(`${ROUTER} / `) && !lines.has(context)) lines.set(context, []);
  return [...lines].flatMap(([context, own]) => {
    const all = [...own, ...opaque(context)];
    return all.length === 0
      ? []
      : [`address-family ${context.slice(ROUTER.length + 3)}`, ...all, 'exit-address-family'];
  });
}
