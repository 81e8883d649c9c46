import type { Sight } from './look.ts';
import { calicoPort } from './names.ts';

/** How Calico plugs a pod into its node: a veth pair without a bridge, a route of 32 bits, and one gateway for all pods. */
interface PodAddress {
  readonly pod: string;
  readonly address: string;
}

/** Every pod's gateway, and the address all of them see behind it. */
const GATEWAY = '169.254.1.1';
const GATEWAY_MAC = 'ee:ee:ee:ee:ee:ee';

/** In the node: both ends of the link, the pod's in its own namespace. */
export const linkLine = ({ pod }: PodAddress, namespace: string): string =>
  `link add ${calicoPort(pod)} address ${GATEWAY_MAC} type veth peer name eth0 netns ${namespace}`;

/** In the node, as Felix sets it before the link goes up. */
export function nodeSysctls({ pod }: PodAddress): Readonly<Record<string, string>> {
  const port = calicoPort(pod);
  return {
    [`net.ipv4.conf.${port}.proxy_arp`]: '1',
    [`net.ipv4.neigh.${port}.proxy_delay`]: '0',
    [`net.ipv4.conf.${port}.rp_filter`]: '1',
    [`net.ipv4.conf.${port}.route_localnet`]: '1',
  };
}

export const nodeLines = ({ pod, address }: PodAddress): readonly string[] => [
  `link set ${calicoPort(pod)} up`,
  `route replace ${address}/32 dev ${calicoPort(pod)} scope link`,
];

/** In the pod. */
export const podLines = ({ address }: PodAddress): readonly string[] => [
  'link set lo up',
  'link set eth0 up',
  `addr add ${address}/32 dev eth0`,
  // Proxy ARP answers for the gateway only where the node has a default route; a flat lab has none.
  `neigh replace ${GATEWAY} lladdr ${GATEWAY_MAC} dev eth0 nud permanent`,
  `route add ${GATEWAY} dev eth0 scope link`,
  `route add default via ${GATEWAY} dev eth0`,
];

/** Whether what was seen in a pod's namespace and in its node's is all of this. */
export function isPlugged({ pod, address }: PodAddress, inPod: Sight, inNode: Sight): boolean {
  const port = calicoPort(pod);
  return (
    inPod.addresses.has(`eth0 ${address}/32`) &&
    inPod.routes.has(`default via ${GATEWAY} dev eth0`) &&
    inNode.links.get(port)?.up === true &&
    inNode.routes.has(`${address} dev ${port}`)
  );
}
