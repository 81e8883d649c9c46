import { AGE, field, NAME } from '../kube/objects/columns.ts';
import { isFields, type KubeObject } from '../kube/objects/object.ts';
import type { Resource } from '../kube/objects/resource.ts';
import { type Cause, invalid } from '../kube/objects/status.ts';
import { withCalicoDefaults } from './defaults.ts';
import { fromCrd, toCrd } from './metadata.ts';
import { bgpConfiguration, bgpFilter, bgpPeer } from './schema/bgp.ts';
import { calicoNodeStatus, calicoNodeStatusStatus, clusterInformation, felixConfiguration } from './schema/cluster.ts';
import { blockAffinity, ipamBlock, ipamConfig, ipamHandle, ipPool } from './schema/ipam.ts';
import { object, type Schema } from './schema/schema.ts';
import { prune, unknownPaths, violations, withDefaults } from './schema/structural.ts';
import { validate } from './validation/validate.ts';

/** A kind of Calico's, and its schema. */
export interface CalicoKind {
  readonly kind: string;
  readonly plural: string;
  readonly schema: Schema;
  /** Also reached as projectcalico.org/v3 with the same shape. The rest is IPAM's own. */
  readonly v3: boolean;
}

const kind = (
  name: string,
  plural: string,
  spec: Schema,
  { v3 = true, status }: { v3?: boolean; status?: Schema } = {},
) => ({
  kind: name,
  plural,
  schema: object({ spec, ...(status && { status }) }),
  v3,
});

export const CALICO_KINDS: readonly CalicoKind[] = [
  kind('BGPConfiguration', 'bgpconfigurations', bgpConfiguration),
  kind('BGPFilter', 'bgpfilters', bgpFilter),
  kind('BGPPeer', 'bgppeers', bgpPeer),
  kind('BlockAffinity', 'blockaffinities', blockAffinity),
  kind('CalicoNodeStatus', 'caliconodestatuses', calicoNodeStatus, { status: calicoNodeStatusStatus }),
  kind('ClusterInformation', 'clusterinformations', clusterInformation),
  kind('FelixConfiguration', 'felixconfigurations', felixConfiguration),
  kind('IPAMBlock', 'ipamblocks', ipamBlock, { v3: false }),
  kind('IPAMConfig', 'ipamconfigs', ipamConfig, { v3: false }),
  kind('IPAMHandle', 'ipamhandles', ipamHandle, { v3: false }),
  kind('IPPool', 'ippools', ipPool),
];

/** What the API server serves of Calico: the CRDs always, projectcalico.org/v3 where its API server is installed. */
export function calicoResources(calicoApi: 'crd' | 'v3'): readonly Resource[] {
  const served = calicoApi === 'v3' ? CALICO_KINDS.filter(({ v3 }) => v3) : [];
  return [...CALICO_KINDS.map(crdResource), ...served.map(v3Resource)];
}

/** Raw access: shape and types are checked, meaning is not. That is what makes writing CRDs by hand unsupported. */
const crdResource = ({ kind, plural, schema }: CalicoKind): Resource => ({
  ...names(kind, plural),
  group: 'crd.projectcalico.org',
  version: 'v1',
  unknownFields: (object) => unknownPaths(body(object), schema),
  admit: (object) => shaped(object, schema, 'crd.projectcalico.org'),
});

const v3Resource = ({ kind, plural, schema }: CalicoKind): Resource => ({
  ...names(kind, plural),
  group: 'projectcalico.org',
  version: 'v3',
  view: { bucket: `crd.projectcalico.org/${plural}`, toStored: toCrd, fromStored: fromCrd },
  unknownFields: (object) => unknownPaths(body(object), schema),
  admit: (object, old) => {
    const shapely = shaped(withCalicoDefaults(object), schema, 'projectcalico.org');
    const causes = validate(shapely, old).map(({ field, value, reason }): Cause => {
      return {
        field,
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${JSON.stringify(value ?? '')}: ${reason}`,
      };
    });
    if (causes.length > 0) throw invalid({ kind, group: '' }, object.metadata.name, causes);
    return shapely;
  },
});

const names = (kind: string, plural: string) => ({
  kind,
  plural,
  singular: kind.toLowerCase(),
  namespaced: false,
  strategicMerge: false,
  versionedUpdates: true,
  ...(kind === 'BlockAffinity' && {
    columns: [NAME, field('CIDR', 'spec', 'cidr'), field('Node', 'spec', 'node'), AGE],
  }),
});

function shaped(object: KubeObject, schema: Schema, group: string): KubeObject {
  const pruned = withDefaults(prune(body(object), schema), schema);
  const fields = isFields(pruned) ? pruned : {};
  const causes = Object.entries(fields).flatMap(([key, value]) => {
    const inner = schema.type === 'object' ? schema.properties?.[key] : undefined;
    return inner === undefined ? [] : violations(value, inner, key);
  });
  if (causes.length > 0) throw invalid({ kind: object.kind, group }, object.metadata.name, causes);
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, metadata, ...fields };
}

/** All but what every object has. */
const body = ({ apiVersion: _version, kind: _kind, metadata: _metadata, ...rest }: KubeObject) => rest;
