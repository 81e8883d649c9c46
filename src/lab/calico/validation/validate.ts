import { isIP } from 'node:net';
import { at, type Fields, isFields, type KubeObject } from '../../kube/objects/object.ts';
import { choice, name, network, parsePeerIp, peerIp, range, selector, strictNetwork } from './fields.ts';
import type { Problem } from './problem.ts';

type Validate = (spec: Fields, object: KubeObject, old: KubeObject | undefined) => readonly Problem[];

/** @returns what Calico's client and API server refuse the v3 resource for; nothing when it is fine */
export function validate(object: KubeObject, old?: KubeObject): readonly Problem[] {
  const spec = object['spec'];
  return VALIDATORS[object.kind]?.(isFields(spec) ? spec : {}, object, old) ?? [];
}

const present = (value: unknown) => value !== undefined && value !== '' && value !== 0;

function bgpPeer(spec: Fields): readonly Problem[] {
  const exclusive = (field: string, key: string, other: string, otherKey: string): readonly Problem[] =>
    present(spec[key]) && present(spec[otherKey])
      ? [{ field, value: spec[key], reason: `${field} field must be empty when ${other} is specified` }]
      : [];
  return [
    ...name('Node', spec['node']),
    ...selector('NodeSelector', spec['nodeSelector']),
    ...peerIp('PeerIP', spec['peerIP']),
    ...selector('PeerSelector', spec['peerSelector']),
    ...choice('sourceAddress', 'UseNodeIP', 'None')('SourceAddress', spec['sourceAddress']),
    ...exclusive('Node', 'node', 'NodeSelector', 'nodeSelector'),
    ...exclusive('PeerIP', 'peerIP', 'PeerSelector', 'peerSelector'),
    ...exclusive('ASNumber', 'asNumber', 'PeerSelector', 'peerSelector'),
    ...reachableBy(spec),
    ...range(0, 4_294_967_295)('ASNumber', spec['asNumber']),
    ...range(0, 255)('TTLSecurity', spec['ttlSecurity']),
    ...(present(spec['nextHopMode']) && spec['keepOriginalNextHop'] === true
      ? [
          {
            field: 'KeepOriginalNextHop',
            value: true,
            reason: 'KeepOriginalNextHop field must be empty when NextHopMode is specified',
          },
        ]
      : []),
  ];
}

function reachableBy({ reachableBy: gateway, peerIP }: Fields): readonly Problem[] {
  if (!present(gateway)) return [];
  const field = 'ReachableBy';
  if (!present(peerIP))
    return [{ field, value: gateway, reason: 'ReachableBy field must be empty when PeerIP is empty' }];
  const family = isIP(String(gateway));
  if (family === 0) return [{ field, value: gateway, reason: 'ReachableBy is invalid address' }];
  if (isIP(parsePeerIp(String(peerIP))?.address ?? '') === family) return [];
  return [{ field, value: gateway, reason: 'ReachableBy and PeerIP address family mismatched' }];
}

/** Fields of a BGPConfiguration that only `default` may have. */
const DEFAULT_ONLY = [
  ['nodeToNodeMeshEnabled', 'NodeToNodeMeshEnabled', 'nodeToNodeMeshEnabled'],
  ['asNumber', 'ASNumber', 'ASNumber'],
  ['serviceLoadBalancerIPs', 'ServiceLoadBalancerIPs', 'ServiceLoadBalancerIPs'],
  ['serviceExternalIPs', 'ServiceExternalIPs', 'ServiceExternalIPs'],
  ['serviceClusterIPs', 'ServiceClusterIPs', 'ServiceClusterIPs'],
] as const;

function bgpConfiguration(spec: Fields, { metadata }: KubeObject): readonly Problem[] {
  const elsewhere = metadata.name === 'default' ? [] : DEFAULT_ONLY.filter(([key]) => spec[key] !== undefined);
  const meshOff = spec['nodeToNodeMeshEnabled'] === false;
  const needsMesh = (field: string, key: string): readonly Problem[] =>
    meshOff && spec[key] !== undefined
      ? [
          {
            field: `Spec.${field}`,
            value: spec[key],
            reason: `spec.${field} cannot be set if spec.NodeToNodeMesh is disabled`,
          },
        ]
      : [];
  return [
    ...choice('logLevel', 'Debug', 'Info', 'Warning', 'Error', 'Fatal')('LogSeverityScreen', spec['logSeverityScreen']),
    ...choice('bindMode', 'None', 'NodeIP')('BindMode', spec['bindMode']),
    ...range(0, 4_294_967_295)('ASNumber', spec['asNumber']),
    ...needsMesh('NodeMeshPassword', 'nodeMeshPassword'),
    ...needsMesh('NodeMeshMaxRestartTime', 'nodeMeshMaxRestartTime'),
    ...elsewhere.map(([, field, label]) => ({
      field: `BGPConfiguration.Spec.${field}`,
      reason: `Cannot set ${label} on a non default BGP Configuration.`,
    })),
  ];
}

const bgpFilter: Validate = (spec) =>
  ([4, 6] as const).flatMap((family) =>
    [`exportV${family}`, `importV${family}`].flatMap((key) => {
      const rules = spec[key];
      return Array.isArray(rules) ? rules.flatMap((rule) => filterRule(rule, family)) : [];
    }),
  );

function filterRule(rule: unknown, family: 4 | 6): readonly Problem[] {
  const [cidr, operator] = [at(rule, 'cidr'), at(rule, 'matchOperator')];
  const half = (field: string, other: string): Problem => ({
    field,
    value: '',
    reason: `${field} cannot be empty when ${other} is not`,
  });
  return [
    ...network(family)('CIDR', cidr),
    ...choice('oneof', 'RemotePeers')('Source', at(rule, 'source')),
    ...choice('matchOperator', 'Equal', 'NotEqual', 'In', 'NotIn')('MatchOperator', operator),
    ...choice('filterAction', 'Accept', 'Reject')('Action', at(rule, 'action')),
    ...(present(cidr) && !present(operator) ? [half('MatchOperator', 'CIDR')] : []),
    ...(present(operator) && !present(cidr) ? [half('CIDR', 'MatchOperator')] : []),
    ...(at(rule, 'prefixLength') !== undefined && !present(cidr) ? [half('CIDR', 'PrefixLength')] : []),
  ];
}

function ipPool(spec: Fields, _object: KubeObject, old: KubeObject | undefined): readonly Problem[] {
  const { cidr, blockSize } = spec;
  const v6 = String(cidr).includes(':');
  const [smallest, largest] = v6 ? [116, 128] : [20, 32];
  const wrongSize = typeof blockSize === 'number' && (blockSize < smallest || blockSize > largest);
  const was = old?.['spec'];
  const changed = (field: string, key: string): readonly Problem[] =>
    old !== undefined && at(was, key) !== spec[key]
      ? [{ field: `IPPool.Spec.${field}`, value: spec[key], reason: `IPPool ${field} cannot be modified` }]
      : [];
  return [
    ...strictNetwork('CIDR', cidr),
    ...selector('NodeSelector', spec['nodeSelector']),
    ...choice('ipIpMode', 'Never', 'Always', 'CrossSubnet')('IPIPMode', spec['ipipMode']),
    ...choice('vxlanMode', 'Never', 'Always', 'CrossSubnet')('VXLANMode', spec['vxlanMode']),
    ...(wrongSize
      ? [
          {
            field: 'IPpool.BlockSize',
            value: blockSize,
            reason: `block size must be between ${smallest} and ${largest}`,
          },
        ]
      : []),
    ...changed('CIDR', 'cidr'),
    ...changed('BlockSize', 'blockSize'),
  ];
}

const calicoNodeStatus: Validate = (spec) => range(0, 86_400)('UpdatePeriodSeconds', spec['updatePeriodSeconds']);

const VALIDATORS: Readonly<Record<string, Validate>> = {
  BGPPeer: bgpPeer,
  BGPConfiguration: bgpConfiguration,
  BGPFilter: bgpFilter,
  IPPool: ipPool,
  CalicoNodeStatus: calicoNodeStatus,
};
