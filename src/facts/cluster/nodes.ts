import { z } from 'zod';
import { CpaasError } from '../../core/errors.ts';
import type { Fact } from '../../core/facts.ts';
import { apiId, type KubeAccess } from '../../kube/access.ts';
import { type KubeObject, partOf } from '../../kube/kubectl.ts';
import { parseAsn } from '../../net/asn.ts';
import { isIpv6, parseAddress } from '../../net/cidr.ts';
import { nodeObjects, ofKind } from './objects.ts';

export interface ClusterNode {
  readonly name: string;
  /** What BIRD speaks from: Calico's address of the node, else its InternalIP. Nothing while the node has neither. */
  readonly address?: string;
  /** What Calico says, without the mask. */
  readonly calicoAddress?: string;
  /** What BIRD speaks from over IPv6, by Calico's word, without the mask. */
  readonly six?: string;
  readonly internalIp?: string;
  readonly ready: boolean;
  /** Nothing has been heard of it for so long that Kubernetes does not know how it is: its machine is down, or cut off. */
  readonly lost?: true;
  readonly role: 'control-plane' | 'worker';
  /** Where the node alone has another AS than the cluster. */
  readonly asNumber?: number;
}

/** The cluster's nodes, by name. Rejects with `FACTS.EMPTY` when there are none: that is no wish to remove everything. */
export const nodes = (access: KubeAccess): Fact<readonly ClusterNode[]> => ({
  name: `nodes ${apiId(access)}`,
  async read(_, facts) {
    const found = (await facts.get(nodeObjects(access))).filter(ofKind('Node')).map(clusterNode);
    if (found.length === 0) throw new CpaasError('FACTS.EMPTY', 'the cluster has no nodes: that cannot be all of it');
    return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  },
});

/** Names of the nodes that Kubernetes has lost: nobody can wait for what they should do. */
export const lostNodes = (access: KubeAccess): Fact<readonly string[]> => ({
  name: `lost nodes ${apiId(access)}`,
  read: async (_, facts) => (await facts.get(nodes(access))).filter(({ lost }) => lost).map(({ name }) => name),
});

const Status = z.object({
  addresses: z.array(z.object({ type: z.string(), address: z.string() })).optional(),
  conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
});

/** What the API holds of a node. */
export function clusterNode(object: KubeObject): ClusterNode {
  const { addresses = [], conditions = [] } = partOf(Status, object, 'status');
  const { metadata } = object;
  const { annotations = {}, labels = {} } = metadata;
  const calicoAddress = annotations['projectcalico.org/IPv4Address']?.split('/', 1)[0];
  const internalIp = addresses.find(({ type, address }) => type === 'InternalIP' && !isIpv6(address))?.address;
  const address = calicoAddress ?? internalIp;
  if (address !== undefined && !parseAddress(address)) throw noAddress(metadata.name, address);
  const six = annotations['projectcalico.org/IPv6Address']?.split('/', 1)[0];
  if (six !== undefined && parseAddress(six)?.family !== 6) throw noAddress(metadata.name, six);
  const asNumber = parseAsn(annotations['projectcalico.org/ASNumber'] ?? '');
  const health = conditions.find(({ type }) => type === 'Ready')?.status;
  const master = ['control-plane', 'master'].some((role) => `node-role.kubernetes.io/${role}` in labels);
  return {
    name: metadata.name,
    ...(address === undefined ? {} : { address }),
    ...(calicoAddress === undefined ? {} : { calicoAddress }),
    ...(six === undefined ? {} : { six }),
    ...(internalIp === undefined ? {} : { internalIp }),
    ready: health === 'True',
    ...(health === 'Unknown' ? { lost: true } : {}),
    role: master ? 'control-plane' : 'worker',
    ...(asNumber === undefined ? {} : { asNumber }),
  };
}

/** It goes into routes, and into a router's configuration, line by line. */
const noAddress = (name: string, address: string): CpaasError =>
  new CpaasError('KUBE.ANSWER', `node ${name} has an address that is none`, {
    evidence: [{ label: 'address', text: address }],
  });
