import { isReservedAsn } from '../../net/asn.ts';
import { type Check, routersOf, warning } from './check.ts';

export const usableAsNumbers: Check = function* (cluster) {
  const numbers = [
    { asn: cluster.spec?.bgp?.asNumber, path: ['spec', 'bgp', 'asNumber'] },
    ...routersOf(cluster).map(({ router, path }) => ({ asn: router.asNumber, path: [...path, 'asNumber'] })),
  ];
  for (const { asn, path } of numbers)
    if (asn !== undefined && isReservedAsn(asn))
      yield warning(path, `AS ${asn} is reserved by standards: sessions with it may be refused`);
};

/** cpaas sets up no route reflector. */
export const meshOff: Check = function* (cluster) {
  if (cluster.spec?.bgp?.nodeToNodeMesh === false)
    yield warning(
      ['spec', 'bgp', 'nodeToNodeMesh'],
      'without the mesh nodes learn no pod blocks of each other, unless you run a route reflector: pods of two nodes cannot talk',
    );
};

export const tunnelsAndBgp: Check = function* (cluster) {
  const { encapsulation } = cluster.spec?.calico ?? {};
  if (encapsulation?.startsWith('VXLAN'))
    yield warning(
      ['spec', 'calico', 'encapsulation'],
      `${encapsulation} needs no BGP among nodes: calico-node must run the bird backend for routers to learn pod blocks`,
    );
};
