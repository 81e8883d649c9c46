import type { ElementChange } from '../../core/step.ts';
import { elementsOf, ROUTER, type RouterConfig } from './config.ts';
import { isRival, type LineValue, levelOf, lineOf, makesNeighbor, subjectOf, undoingLineOf } from './lines.ts';
import { markOf } from './place.ts';

export interface Ordering {
  /** The AS of `router bgp`, where the changes themselves do not say. */
  readonly asNumber: number;
  readonly cluster: string;
  /** What stands there now; left out in a plan, which names what it does not know. */
  readonly current?: RouterConfig;
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
  const remade = subjectsRemade(inside);
  const kept = (context: string) => opaqueLines(ordering.current, context, (name) => remade.has(name));
  const body = [
    ...taking(inside),
    ...setting(whole, ordering),
    ...kept(ROUTER),
    ...families(whole, (family) => kept(`${ROUTER} / ${family}`)),
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
  return [...setting(all, ordering), ...opaque(ROUTER), ...families(all, (family) => opaque(`${ROUTER} / ${family}`))];
}

/** Lines that cpaas does not understand, of the subjects chosen; lines of no neighbor have none: the empty name. */
function opaqueLines(
  current: RouterConfig | undefined,
  context: string,
  chosen: (subject: string) => boolean,
): readonly string[] {
  return (current?.lines ?? []).flatMap((line) => {
    const subject = /^(?:no )?neighbor (\S+) /.exec(line.text)?.[1] ?? '';
    return line.context === context && !line.element && chosen(subject) ? [line.text] : [];
  });
}

/** Lines that take away, at the level of `router bgp`. With a neighbor or a group go its attributes. */
function taking(changes: readonly Change[]): readonly string[] {
  const taken = subjectsTaken(changes);
  const lines = changes
    .filter(({ key }) => levelOf(key).level === 'router')
    .filter((each) => makesSubject(each.key) || !taken.has(subjectOf(each.key)?.name ?? ''))
    .flatMap((change) => takingLine(change).map((line) => ({ line, rank: takingRank(change.key) })))
    .sort((one, other) => one.rank - other.rank);
  return [...new Set(lines.map(({ line }) => line))];
}

const namesOf = (changes: readonly Change[]): readonly string[] =>
  changes.flatMap(({ key }) => subjectOf(key)?.name ?? []);

/** Neighbors and groups that are taken away, if only to be made another way. Their attributes go with them. */
const subjectsTaken = (changes: readonly Change[]): ReadonlySet<string> =>
  new Set(
    namesOf(changes.filter((each) => takesSubject(each) || (makesNeighbor(each.key) && takingLine(each).length > 0))),
  );

/** Those of them that are not made again. */
function subjectsGone(changes: readonly Change[]): ReadonlySet<string> {
  const made = new Set(namesOf(changes.filter(({ key, to }) => to !== undefined && makesNeighbor(key))));
  return new Set([...subjectsTaken(changes)].filter((name) => !made.has(name)));
}

/** Those that are. */
function subjectsRemade(changes: readonly Change[]): ReadonlySet<string> {
  const gone = subjectsGone(changes);
  return new Set([...subjectsTaken(changes)].filter((name) => !gone.has(name)));
}

/** What neighbors that are made another way had besides: it is given to them again. */
function restored(changes: readonly Change[], { current, cluster }: Ordering): readonly Change[] {
  const remade = subjectsRemade(changes);
  const touched = new Set(changes.map(({ key }) => key));
  return [...(current ? elementsOf(current) : [])]
    .filter(([key, value]) => remade.has(subjectOf(key)?.name ?? '') && value !== markOf(cluster))
    .filter(([key]) => !touched.has(key) && !makesNeighbor(key))
    .map(([key, value]): Change => ({ key, from: undefined, to: value, before: value, cause: 'wanted' }));
}

const makesSubject = (key: string): boolean =>
  makesNeighbor(key) || (subjectOf(key)?.isGroup === true && key.endsWith(' peer-group'));

const takesSubject = ({ key, to }: Change): boolean => to === undefined && makesSubject(key);

function takingLine({ key, from, to }: Change): readonly string[] {
  if (from === undefined) return [];
  if (makesNeighbor(key) && isRival(from)) return [`no neighbor ${subjectOf(key)?.name} ${from}`];
  // no device moves a member from one group to another
  if (to === undefined || (makesNeighbor(key) && key.endsWith(' peer-group')))
    return [undoingLineOf({ key, value: from })];
  return [];
}

const takingRank = (key: string): number => {
  const subject = subjectOf(key);
  return !subject ? 1 : subject.isGroup ? 2 : 0;
};

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
  opaque: (family: string) => readonly string[] = () => [],
): readonly string[] {
  const taken = subjectsTaken(changes);
  const lines = new Map<string, string[]>();
  for (const change of changes) {
    const { level } = levelOf(change.key);
    const { key, from, to } = change;
    if (typeof level === 'string' || (to === undefined && taken.has(subjectOf(key)?.name ?? ''))) continue;
    const line =
      to === undefined ? from !== undefined && undoingLineOf({ key, value: from }) : lineOf({ key, value: to });
    if (line) lines.set(level.family, [...(lines.get(level.family) ?? []), line]);
  }
  return [...lines].flatMap(([family, own]) => [
    `address-family ${family}`,
    ...own,
    ...opaque(family),
    'exit-address-family',
  ]);
}
