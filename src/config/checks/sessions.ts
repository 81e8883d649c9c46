import { isDeepStrictEqual as same } from 'node:util';
import { nodesAreBehindGateway } from '../defaults.ts';
import { type Check, type DraftRouter, error, repeated, routersOf, warning } from './check.ts';

/** A hold time that is shorter than three keepalives ends sessions that are only slow. */
export const timersFit: Check = function* (cluster) {
  for (const { router, path } of routersOf(cluster)) {
    const { keepalive, hold } = router.session ?? {};
    const where = [...path, 'session', hold === undefined ? 'keepalive' : 'hold'];
    if ((keepalive === undefined) !== (hold === undefined))
      yield error(where, 'keepalive and hold go together: BIG-IP takes both or none');
    else if (keepalive !== undefined && hold !== undefined && hold < 3 * keepalive)
      yield error(
        where,
        `hold ${hold} is less than three times keepalive ${keepalive}: write ${3 * keepalive} or more`,
      );
  }
};

/** The units of a pair are two routers to everybody else. */
export const distinctRouterIds: Check = function* (cluster) {
  const ids = routersOf(cluster).map(({ router, path }) => ({
    value: router.bigip?.routerId,
    path: [...path, 'bigip', 'routerId'],
  }));
  for (const { value, path } of repeated(ids))
    yield error(path, `${value} is another router's already: nodes keep the session with one of them only`);
};

export const multihopBetweenAs: Check = function* (cluster) {
  const clusterAs = cluster.spec?.bgp?.asNumber;
  for (const { router, path } of routersOf(cluster))
    if (router.session?.multihop !== undefined && (router.asNumber ?? clusterAs) === clusterAs)
      yield warning([...path, 'session', 'multihop'], 'means nothing here: within one AS a session takes any way');
};

/** What is there and cannot be read is told elsewhere. */
const isKnown = ({ session }: DraftRouter): boolean =>
  session !== undefined && (session.password !== undefined || !Object.hasOwn(session, 'password'));

/** Units of the cluster's AS are members of each other's group, so that its password is theirs as well. */
export const partnersSignAlike: Check = function* (cluster) {
  const all = routersOf(cluster);
  const clusterAs = cluster.spec?.bgp?.asNumber;
  for (const { router, path } of all)
    for (const { router: other } of all)
      if (
        other !== router &&
        router.peers?.includes(other.name) &&
        (other.asNumber ?? clusterAs) === clusterAs &&
        (router.asNumber ?? clusterAs) === clusterAs &&
        isKnown(router) &&
        isKnown(other) &&
        !same(router.session?.password, other.session?.password)
      )
        yield error(
          [...path, 'session', 'password'],
          `${other.name} does not have the same one: the two are in each other's group, and their session would stay down`,
        );
};

/** cpaas keeps Docker from rewriting addresses, and can do nothing about a machine that it does not know. */
export const signedWithoutNat: Check = function* (cluster) {
  if (!cluster.spec?.provider?.existing || !nodesAreBehindGateway(cluster)) return;
  for (const { router, path } of routersOf(cluster))
    if (router.session?.password !== undefined)
      yield error(
        [...path, 'session', 'password'],
        "cannot be promised through spec.network.gateway, a machine that is not in cpaas's hands: a signature covers the addresses, and NAT rewrites them",
      );
};
