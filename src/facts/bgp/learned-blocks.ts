import type { LearnedBlock } from '../../core/bgp-documents.ts';
import { CpaasError, isUnreachable } from '../../core/errors.ts';
import type { Fact, Facts } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { contains, overlaps } from '../../net/cidr.ts';
import { resolution } from '../bigip/resolution.ts';
import { type BigipInstalled, type BigipPrefix, type BigipRoutes, bigipRoutes } from '../bigip/routes.ts';
import { type Family, familiesOf, sidesOf } from '../router-target.ts';
import { ipv6Owners, type Owned, type Owners, ownersOf, withBothFamilies } from './block-owners.ts';
import type { AskedRouter, AskedSide } from './session-ends.ts';

export interface BlocksQuestion {
  readonly routers: readonly AskedRouter[];
  /** The way to the cluster, which knows whose a block is; without it routers tell what they have learned. */
  readonly kube?: KubeAccess | undefined;
  readonly nodes?: readonly string[] | undefined;
  /** The pod networks: what a router has of them that nobody owns is told too. What the nodes have told it, when left out. */
  readonly pods?: Partial<Record<Family, string>>;
  /** Whether what routers have learned of IPv6 is told, though nobody has said that they should: with a cluster what is its nodes'. */
  readonly anyIpv6?: boolean;
}

/** Every pod block at every router, borrowed addresses too, and what routers still have of blocks that are gone. */
export const learnedBlocks = (question: BlocksQuestion): Fact<readonly LearnedBlock[]> => ({
  name: `learned blocks ${question.kube ? apiId(question.kube) : ''} ${question.routers.map(({ host }) => host).join(' ')}`,
  async read(_, facts) {
    const { kube, nodes, routers, pods = {}, anyIpv6 = false } = question;
    const families = familiesOf(routers);
    const owned = kube ? await Promise.all(families.map((family) => ownersOf(kube, nodes, family, facts))) : [];
    const [four] = owned;
    const both = kube && four && anyIpv6 ? withBothFamilies(four, await ipv6Owners(kube, nodes, facts)) : four;
    const sides = routers.flatMap(sidesOf).map((side) => {
      const { family, ipv6Address } = side;
      return anyIpv6 && ipv6Address === undefined
        ? atRouter(side, 'any', both, undefined, facts)
        : atRouter(side, family, owned[families.indexOf(family)], pods[family], facts);
    });
    return (await Promise.all(sides)).flat();
  },
});

async function atRouter(
  router: AskedSide,
  family: Family | 'any',
  owners: Owners | undefined,
  pods: string | undefined,
  facts: Facts,
): Promise<readonly LearnedBlock[]> {
  let tables: BigipRoutes;
  try {
    if (router.failure) throw router.failure;
    tables = await facts.get(bigipRoutes({ ...router, family }));
  } catch (error) {
    if (!(error instanceof CpaasError) || (error !== router.failure && !isUnreachable(error))) throw error;
    return unasked(router, owners, error.message);
  }
  const learned = new Map(tables.learned.map(({ prefix, paths }) => [prefix, paths]));
  const owned = [...(owners?.blocks ?? []), ...(owners?.perhaps ?? []).filter(({ prefix }) => learned.has(prefix))];
  const known = new Set(owned.map(({ prefix }) => prefix));
  const isMeant = ({ prefix, paths }: BigipPrefix): boolean => {
    if (known.has(prefix)) return false;
    if (pods !== undefined) return contains(pods, prefix);
    return paths.some(({ nextHop }) => (owners ? owners.addresses.has(nextHop) : !OWN.has(nextHop)));
  };
  const ways: Ways = {
    learned,
    installed: new Map(tables.installed.map((each) => [each.prefix, each])),
    // nodes are not behind pods
    others: tables.installed.filter(({ prefix }) => !known.has(prefix)),
  };
  const others = tables.learned.filter(isMeant);
  return [
    ...owned.map((each) => block(each.prefix, router, ways, owners !== undefined, each)),
    ...others.map(({ prefix }) => block(prefix, router, ways, owners !== undefined)),
  ];
}

/** The next hop of what a unit announces itself. */
const OWN: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Both tables of a unit, by prefix, and the routes through which next hops may be found. */
interface Ways {
  readonly learned: ReadonlyMap<string, BigipPrefix['paths']>;
  readonly installed: ReadonlyMap<string, BigipInstalled>;
  readonly others: readonly BigipInstalled[];
}

/** A router that cannot be asked gets a row for each block, or one where not even these are known. */
function unasked({ name }: AskedRouter, owners: Owners | undefined, trouble: string): readonly LearnedBlock[] {
  const nothing = { router: name, paths: [], stale: false, trouble };
  if (!owners) return [{ prefix: '', borrowed: false, ...nothing }];
  return owners.blocks.map(({ prefix, node, address, borrowed }) => ({
    prefix,
    borrowed,
    node,
    owner: address,
    ...nothing,
  }));
}

function block(
  prefix: string,
  { name }: AskedRouter,
  { learned, installed, others }: Ways,
  ownersKnown: boolean,
  owned?: Owned,
): LearnedBlock {
  const paths = learned.get(prefix) ?? [];
  const best = paths.find((path) => path.best);
  const forwards = installed.get(prefix);
  const way = forwards && resolution(forwards, others);
  const trouble = troubleOf({ paths, best, forwards, way }, ownersKnown, owned);
  return {
    prefix,
    borrowed: owned?.borrowed ?? false,
    ...(owned ? { node: owned.node, owner: owned.address } : {}),
    router: name,
    ...(best ? { nextHop: best.nextHop } : {}),
    paths: paths.map(({ nextHop, best: isBest, valid, stale }) => ({ nextHop, best: isBest, valid, stale })),
    stale: paths.some(({ stale }) => stale),
    ...(way ? { installed: way } : {}),
    ...(trouble === undefined ? {} : { trouble }),
  };
}

interface Seen {
  readonly paths: BigipPrefix['paths'];
  readonly best: BigipPrefix['paths'][number] | undefined;
  readonly forwards: BigipInstalled | undefined;
  readonly way: LearnedBlock['installed'];
}

/** What is wrong with a block, the first thing first: whoever mends it will look again. */
function troubleOf({ paths, best, forwards, way }: Seen, ownersKnown: boolean, owned?: Owned): string | undefined {
  const right = owned?.address;
  if (ownersKnown && !owned) return 'no node has this block any more';
  if (paths.length === 0) return 'not learned';
  if (!best) return 'no path in force: its next hop may not be reachable';
  if (right !== undefined && best.nextHop !== right) return `leads to ${best.nextHop}, not to its owner ${right}`;
  if (best.stale) return 'stale: its session is gone, graceful restart keeps it';
  const others = paths.filter(({ valid, nextHop }) => valid && right !== undefined && nextHop !== right);
  if (others.length > 0) return `also learned by way of ${others.map(({ nextHop }) => nextHop).join(', ')}`;
  if (!forwards) return 'learned, but not in the routing table';
  if (forwards.code !== 'B') return `the routing table has another route, ${forwards.code}`;
  // which neighbor has a link-local address nobody says
  if (way?.nextHop !== undefined && overlaps('fe80::/10', way.nextHop)) return undefined;
  if (way?.nextHop !== best.nextHop) return `forwarded to ${way?.nextHop ?? 'nowhere'}, not to ${best.nextHop}`;
  return way.through === undefined ? `forwarded to ${best.nextHop}, to which no route leads` : undefined;
}
