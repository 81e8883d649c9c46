import { at, type KubeObject } from '../../kube/objects/object.ts';
import { CALICO_KINDS } from '../kinds.ts';
import type { Schema } from '../schema/schema.ts';
import { object, string } from '../schema/schema.ts';

/** A resource type as calicoctl knows it. */
export interface ResourceType {
  readonly kind: string;
  /** Collection of the API that holds it. */
  readonly path: string;
  /** What it may be called, in lower case. */
  readonly aliases: readonly string[];
  readonly schema: Schema;
  readonly headings: readonly string[];
  readonly wideHeadings: readonly string[];
  readonly columns: Readonly<Record<string, (object: KubeObject, asNumber: string) => string>>;
}

const name = ({ metadata }: KubeObject) => metadata.name;
const spec =
  (field: string, otherwise = '') =>
  (resource: KubeObject) =>
    String(at(resource, 'spec', field) ?? otherwise);
const count =
  (...fields: readonly string[]) =>
  (resource: KubeObject) =>
    String(
      fields.reduce((sum, field) => sum + ((at(resource, 'spec', field) as unknown[] | undefined)?.length ?? 0), 0),
    );

function crd(
  kind: string,
  aliases: readonly string[],
  headings: readonly string[],
  columns: ResourceType['columns'],
  wide = headings,
): ResourceType {
  const found = CALICO_KINDS.find((known) => known.kind === kind);
  if (found === undefined) throw new Error(`${kind} is no kind of Calico's`);
  const path = `/apis/crd.projectcalico.org/v1/${found.plural}`;
  const called = [kind.toLowerCase(), found.plural, ...aliases];
  return {
    kind,
    path,
    aliases: called,
    schema: found.schema,
    headings,
    wideHeadings: wide,
    columns: { NAME: name, ...columns },
  };
}

const peerNodes = (peer: KubeObject) => spec('node')(peer) || spec('nodeSelector')(peer) || '(global)';

export const RESOURCE_TYPES: readonly ResourceType[] = [
  crd('BGPConfiguration', ['bgpconfig', 'bgpconfigs'], ['NAME', 'LOGSEVERITY', 'MESHENABLED', 'ASNUMBER'], {
    LOGSEVERITY: spec('logSeverityScreen'),
    MESHENABLED: spec('nodeToNodeMeshEnabled', '-'),
    ASNUMBER: spec('asNumber', '-'),
  }),
  crd('BGPPeer', ['bgpp', 'bgpps', 'bp', 'bps'], ['NAME', 'PEERIP', 'NODE', 'ASN'], {
    PEERIP: spec('peerIP'),
    NODE: peerNodes,
    ASN: spec('asNumber', '0'),
  }),
  crd('BGPFilter', ['bgpf', 'bgpfs', 'bf', 'bfs'], ['NAME', 'NUMEXPORT', 'NUMIMPORT'], {
    NUMEXPORT: count('exportV4', 'exportV6'),
    NUMIMPORT: count('importV4', 'importV6'),
  }),
  crd(
    'IPPool',
    ['ipp', 'ipps', 'pool', 'pools'],
    ['NAME', 'CIDR', 'SELECTOR'],
    {
      CIDR: spec('cidr'),
      NAT: spec('natOutgoing', 'false'),
      IPIPMODE: spec('ipipMode', 'Never'),
      VXLANMODE: spec('vxlanMode', 'Never'),
      DISABLED: spec('disabled', 'false'),
      DISABLEBGPEXPORT: spec('disableBGPExport', 'false'),
      SELECTOR: spec('nodeSelector'),
    },
    ['NAME', 'CIDR', 'NAT', 'IPIPMODE', 'VXLANMODE', 'DISABLED', 'DISABLEBGPEXPORT', 'SELECTOR'],
  ),
  crd('FelixConfiguration', ['felixconfig', 'felixconfigs', 'fc', 'fcs'], ['NAME', 'LOGSEVERITY'], {
    LOGSEVERITY: spec('logSeverityScreen'),
  }),
  crd('ClusterInformation', ['clusterinfo', 'clusterinfos', 'ci', 'cis'], ['NAME'], {}),
  crd('CalicoNodeStatus', ['caliconodestatuses'], ['NAME'], {}),
  {
    kind: 'Node',
    path: '/api/v1/nodes',
    aliases: ['node', 'nodes', 'no', 'nos'],
    schema: object({ spec: object({ bgp: object({ ipv4Address: string }) }) }),
    headings: ['NAME'],
    wideHeadings: ['NAME', 'ASN', 'IPV4', 'IPV6'],
    columns: {
      NAME: name,
      ASN: (node, asNumber) => String(at(node, 'spec', 'bgp', 'asNumber') ?? `(${asNumber})`),
      IPV4: (node) => String(at(node, 'spec', 'bgp', 'ipv4Address') ?? ''),
      IPV6: (node) => String(at(node, 'spec', 'bgp', 'ipv6Address') ?? ''),
    },
  },
];

/** A type by one of its names, whatever the case. Blocks, affinities and handles have none. */
export const typeNamed = (alias: string) => RESOURCE_TYPES.find(({ aliases }) => aliases.includes(alias.toLowerCase()));
