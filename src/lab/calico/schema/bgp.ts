import { array, boolean, integer, object, oneOf, type Schema, string } from './schema.ts';

// Source of all schemas here: the CustomResourceDefinitions of Calico v3.31; a test compares them.

const secretKeySelector = object({ key: string, name: { type: 'string', default: '' }, optional: boolean }, ['key']);
const password = object({ secretKeyRef: secretKeySelector });
const cidrs = array(object({ cidr: string }));

export const bgpConfiguration: Schema = object({
  asNumber: integer,
  bindMode: string,
  communities: array(object({ name: string, value: string })),
  ignoredInterfaces: array(string),
  listenPort: { type: 'integer', minimum: 1, maximum: 65535 },
  localWorkloadPeeringIPV4: string,
  localWorkloadPeeringIPV6: string,
  logSeverityScreen: string,
  nodeMeshMaxRestartTime: string,
  nodeMeshPassword: password,
  nodeToNodeMeshEnabled: boolean,
  prefixAdvertisements: array(object({ cidr: string, communities: array(string) })),
  serviceClusterIPs: cidrs,
  serviceExternalIPs: cidrs,
  serviceLoadBalancerAggregation: { type: 'string', enum: ['Enabled', 'Disabled'], default: 'Enabled' },
  serviceLoadBalancerIPs: cidrs,
});

export const bgpPeer: Schema = object({
  asNumber: integer,
  filters: array(string),
  keepOriginalNextHop: boolean,
  localASNumber: integer,
  localWorkloadSelector: string,
  maxRestartTime: string,
  nextHopMode: oneOf('Auto', 'Self', 'Keep'),
  node: string,
  nodeSelector: string,
  numAllowedLocalASNumbers: integer,
  password,
  peerIP: string,
  peerSelector: string,
  reachableBy: string,
  reversePeering: oneOf('Auto', 'Manual'),
  sourceAddress: string,
  ttlSecurity: integer,
});

const filterRules = (longest: number) => {
  const length: Schema = { type: 'integer', minimum: 0, maximum: longest };
  return array(
    object(
      {
        action: string,
        cidr: string,
        interface: string,
        matchOperator: string,
        prefixLength: object({ max: length, min: length }),
        source: string,
      },
      ['action'],
    ),
  );
};

export const bgpFilter: Schema = object({
  exportV4: filterRules(32),
  exportV6: filterRules(128),
  importV4: filterRules(32),
  importV6: filterRules(128),
});
