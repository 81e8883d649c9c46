import type { Seen } from '../../../core/step.ts';
import { ownerOf } from '../place.ts';
import { elementsOf, neighborIn, ROUTER, type RouterConfig } from './config.ts';
import { type LineValue, makesNeighbor, subjectOf } from './lines.ts';
import { isListOf } from './prefix-lists.ts';

type Mark = 'ours' | 'other' | undefined;

/**
 * What stands at the places asked for, and all that bears our mark.
 *
 * - The lines that make a neighbor carry its description's mark. The description itself is no element, except where it is left over.
 * - Where a neighbor is to be made one way (a member of the group) and stands there another way (an AS of its own), that other line is
 *   what stands in the way: `remote-as 65000`.
 * - `router bgp` and a peer group with somebody else's things in them are somebody else's too: taking them away would take those.
 */
export function seenIn(
  config: RouterConfig,
  cluster: string,
  keys: ReadonlySet<string>,
): ReadonlyMap<string, Seen<LineValue>> {
  const elements = elementsOf(config);
  const owner = (neighbor: string): Mark => ownerOf(description(elements, neighbor), cluster);
  const sessions = sessionsIn(elements);
  const seen = new Map<string, Seen<LineValue>>();
  const see = (key: string, value: LineValue, mark: Mark) =>
    seen.set(key, { value, ...(mark ? { mark } : {}), ...dependents(key, sessions) });

  for (const [key, value] of elements) {
    const subject = subjectOf(key);
    const mark = subject && makesNeighbor(key) ? owner(subject.name) : listOwner(key, cluster);
    if (keys.has(key) || mark === 'ours') see(key, value, mark);
    else if (subject && isLeftOver(key, elements) && owner(subject.name) === 'ours') see(key, value, 'ours');
  }
  for (const key of keys) {
    const rival = seen.has(key) ? undefined : rivalOf(key, elements);
    // where both are asked for, one of them is being given up for the other
    if (rival && !keys.has(rival.key)) see(key, rival.text, owner(rival.neighbor));
  }
  const foreign = foreignLines(config, cluster, keys);
  const router = seen.get(ROUTER);
  if (router && foreign.some(({ context }) => context !== '')) see(ROUTER, router.value, 'other');
  for (const { element } of foreign)
    if (element && subjectOf(element.key)?.attribute === 'peer-group')
      for (const key of [`neighbor ${element.value} peer-group`, `neighbor ${element.value} remote-as`]) {
        const group = seen.get(key);
        if (group) see(key, group.value, 'other');
      }
  return seen;
}

/** Every neighbor there, whoever has made it, and the group it is a member of. */
function sessionsIn(elements: ReadonlyMap<string, LineValue>): ReadonlyMap<string, LineValue | undefined> {
  const made = [...elements.keys()].filter(makesNeighbor).flatMap((key) => subjectOf(key)?.name ?? []);
  return new Map(made.map((name) => [name, elements.get(`neighbor ${name} peer-group`)]));
}

/** The sessions that a change of the process or of a group is felt by. */
function dependents(key: string, sessions: ReturnType<typeof sessionsIn>): Pick<Seen, 'dependents'> {
  const subject = subjectOf(key);
  const all = key === ROUTER || key === 'bgp router-id';
  if (!all && subject?.isGroup !== true) return {};
  const found = [...sessions].flatMap(([address, group]) => (all || group === subject?.name ? [address] : []));
  return found.length > 0 ? { dependents: found } : {};
}

/** A prefix-list says whose it is by its name. */
function listOwner(key: string, cluster: string): Mark {
  const name = /^ip(?:v6)? prefix-list (cpaas-\S+) /.exec(key)?.[1];
  if (name === undefined) return undefined;
  return isListOf(name, cluster) ? 'ours' : 'other';
}

const description = (elements: ReadonlyMap<string, LineValue>, neighbor: string): string | undefined => {
  const text = elements.get(`neighbor ${neighbor} description`);
  return typeof text === 'string' ? text : undefined;
};

/** Whether a line is the description of a neighbor that is not there any more. */
function isLeftOver(key: string, elements: ReadonlyMap<string, LineValue>): boolean {
  const subject = subjectOf(key);
  if (subject?.attribute !== 'description' || subject.isGroup) return false;
  return !elements.has(`neighbor ${subject.name} remote-as`) && !elements.has(`neighbor ${subject.name} peer-group`);
}

/** The other line that makes the same neighbor. */
function rivalOf(key: string, elements: ReadonlyMap<string, LineValue>) {
  const subject = subjectOf(key);
  if (!subject || !makesNeighbor(key)) return undefined;
  const attribute = subject.attribute === 'remote-as' ? 'peer-group' : 'remote-as';
  const rival = `neighbor ${subject.name} ${attribute}`;
  const value = elements.get(rival);
  return value === undefined ? undefined : { key: rival, text: `${attribute} ${value}`, neighbor: subject.name };
}

/**
 * The lines of `router bgp` that are neither asked for nor marked ours. Further attributes of what is ours (timers somebody gave to a
 * neighbor of ours) are left out: they come and go with it.
 */
export function foreignLines({ lines }: RouterConfig, cluster: string, keys: ReadonlySet<string>) {
  const elements = elementsOf({ lines });
  const ours = new Set([...keys].flatMap((key) => subjectOf(key)?.name ?? []));
  return lines.filter((line) => {
    const { context, element } = line;
    if (context !== ROUTER && !context.startsWith(`${ROUTER} / `)) return false;
    if (element && keys.has(element.key)) return false;
    const name = neighborIn(line);
    if (name === undefined) return true;
    return !ours.has(name) && ownerOf(description(elements, name), cluster) !== 'ours';
  });
}
