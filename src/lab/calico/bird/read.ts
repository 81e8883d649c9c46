import { z } from 'zod';
import type { KubeObject } from '../../kube/objects/object.ts';
import { isDuration } from '../validation/fields.ts';
import { type BgpNode, type BgpSettings, DEFAULT_SETTINGS, type Filter, type FilterRule, type Pool } from './model.ts';
import type { PeerObject } from './peers.ts';

/** Value of a key of a Secret in calico-node's namespace. */
export type ReadSecret = (name: string, key: string) => string | undefined;

const duration = z.string().refine(isDuration);
const asNumber = z.number().int().min(0).max(4_294_967_295);
const password = z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) });
const text = z.string().transform((value) => (value === '' ? undefined : value));

const PeerSpec = z.object({
  node: text.optional(),
  nodeSelector: text.optional(),
  peerIP: text.optional(),
  peerSelector: text.optional(),
  reversePeering: z.enum(['Auto', 'Manual']).optional(),
  asNumber: asNumber.optional(),
  localASNumber: asNumber.optional(),
  keepOriginalNextHop: z.boolean().optional(),
  nextHopMode: z.enum(['Auto', 'Self', 'Keep']).optional(),
  sourceAddress: z.string().optional(),
  maxRestartTime: duration.optional(),
  password: password.optional(),
  ttlSecurity: z.number().int().optional(),
  numAllowedLocalASNumbers: z.number().int().optional(),
  reachableBy: text.optional(),
  filters: z.array(z.string()).optional(),
});

const NEXT_HOPS = { Auto: 'auto', Self: 'self', Keep: 'keep' } as const;

/** A `BGPPeer`; nothing when only a raw write can have made it what it is. */
export function readPeer(object: KubeObject, secret: ReadSecret): PeerObject | undefined {
  const parsed = PeerSpec.safeParse(object['spec']);
  if (!parsed.success) return undefined;
  const spec = parsed.data;
  const secretRef = spec.password?.secretKeyRef;
  // Calico leaves out a peer whose password it cannot read.
  const value = secretRef && secret(secretRef.name, secretRef.key);
  if (secretRef !== undefined && value === undefined) return undefined;
  const given = {
    node: spec.node,
    nodeSelector: spec.nodeSelector,
    peerIP: spec.peerIP,
    peerSelector: spec.peerSelector,
    reversePeering: spec.reversePeering,
  };
  const session = {
    asNumber: spec.asNumber === 0 ? undefined : spec.asNumber,
    localAsNumber: spec.localASNumber,
    restartTime: seconds(spec.maxRestartTime),
    password: value,
    ttlSecurity: spec.ttlSecurity,
    allowedLocalAs: spec.numAllowedLocalASNumbers,
    reachableBy: spec.reachableBy,
  };
  return {
    name: object.metadata.name,
    ...defined(given),
    session: {
      ...defined(session),
      nextHop: spec.keepOriginalNextHop ? 'keep' : NEXT_HOPS[spec.nextHopMode ?? 'Auto'],
      sourceAddress: spec.sourceAddress !== 'None',
      filters: spec.filters ?? [],
    },
  };
}

const ConfigurationSpec = z.object({
  asNumber: asNumber.optional(),
  nodeToNodeMeshEnabled: z.boolean().optional(),
  nodeMeshMaxRestartTime: duration.optional(),
  nodeMeshPassword: password.optional(),
  listenPort: z.number().int().optional(),
  bindMode: z.string().optional(),
  ignoredInterfaces: z.array(z.string()).optional(),
  communities: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  prefixAdvertisements: z.array(z.object({ cidr: z.string(), communities: z.array(z.string()) })).optional(),
});

/** The `BGPConfiguration` of a node: `node.<name>` over `default`, over what Calico does without either. */
export function readSettings(objects: readonly KubeObject[], node: string, secret: ReadSecret): BgpSettings {
  const specs = ['default', `node.${node}`].map((name) => {
    const object = objects.find(({ metadata }) => metadata.name === name);
    return ConfigurationSpec.safeParse(object?.['spec']).data ?? {};
  });
  const spec: z.infer<typeof ConfigurationSpec> = Object.assign({}, ...specs);
  const ref = spec.nodeMeshPassword?.secretKeyRef;
  const named = new Map(spec.communities?.map(({ name, value }) => [name, value]));
  const given = {
    asNumber: spec.asNumber,
    mesh: spec.nodeToNodeMeshEnabled,
    meshRestartTime: seconds(spec.nodeMeshMaxRestartTime),
    meshPassword: ref && secret(ref.name, ref.key),
    listenPort: spec.listenPort,
    ignoredInterfaces: spec.ignoredInterfaces,
    advertisements: spec.prefixAdvertisements?.map(({ cidr, communities }) => {
      return { cidr, communities: communities.map((community) => named.get(community) ?? community) };
    }),
  };
  return { ...DEFAULT_SETTINGS, ...defined(given), bindNodeAddress: spec.bindMode === 'NodeIP' };
}

const Rule = z.object({
  action: z.enum(['Accept', 'Reject']),
  cidr: text.optional(),
  matchOperator: z.enum(['Equal', 'NotEqual', 'In', 'NotIn']).optional(),
  prefixLength: z.object({ min: z.number().optional(), max: z.number().optional() }).optional(),
  source: z.string().optional(),
  interface: text.optional(),
});
const FilterSpec = z.object({ exportV4: z.array(Rule).optional(), importV4: z.array(Rule).optional() });

export function readFilter(object: KubeObject): Filter | undefined {
  const parsed = FilterSpec.safeParse(object['spec']);
  if (!parsed.success) return undefined;
  const { exportV4 = [], importV4 = [] } = parsed.data;
  return { name: object.metadata.name, exports: exportV4.map(readRule), imports: importV4.map(readRule) };
}

function readRule({
  action,
  cidr,
  matchOperator,
  prefixLength,
  source,
  interface: name,
}: z.infer<typeof Rule>): FilterRule {
  const length = prefixLength && {
    min: prefixLength.min ?? Number(cidr?.split('/')[1] ?? 0),
    max: prefixLength.max ?? 32,
  };
  return {
    action,
    remotePeers: source === 'RemotePeers',
    ...defined({ cidr, operator: matchOperator, length, interface: name }),
  };
}

const PoolSpec = z.object({ cidr: z.string(), disableBGPExport: z.boolean().optional() });

export function readPool(object: KubeObject): Pool | undefined {
  const { data } = PoolSpec.safeParse(object['spec']);
  return data === undefined || data.cidr.includes(':')
    ? undefined
    : { cidr: data.cidr, disableExport: data.disableBGPExport ?? false };
}

const AffinitySpec = z.object({
  cidr: z.string(),
  node: z.string(),
  state: z.string(),
  type: z.string().optional(),
  deleted: z.string(),
});

/** Node and network of a block affinity that counts: confirmed, a host's, not being deleted. */
export function readAffinity(object: KubeObject): { readonly node: string; readonly cidr: string } | undefined {
  const { data } = AffinitySpec.safeParse(object['spec']);
  if (data === undefined || data.deleted === 'true' || data.type === 'virtual') return undefined;
  return data.state === 'confirmed' || data.state === '' ? { node: data.node, cidr: data.cidr } : undefined;
}

/** A Node as BGP sees it; nothing before it has an address. */
export function readNode({ metadata }: KubeObject): BgpNode | undefined {
  const { name, labels = {}, annotations = {} } = metadata;
  const address = annotations['projectcalico.org/IPv4Address']?.split('/')[0];
  if (address === undefined) return undefined;
  const own = Number(annotations['projectcalico.org/ASNumber']);
  const given = {
    asNumber: own > 0 ? own : undefined,
    routeReflectorClusterId: annotations['projectcalico.org/RouteReflectorClusterID'],
  };
  return { name, address, labels, ...defined(given) };
}

/** `2m30s` in seconds, whole. */
function seconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const units: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  return Math.floor(parts.reduce((sum, [, value, unit]) => sum + Number(value) * (units[unit ?? ''] ?? 0), 0));
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that have a value. */
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
