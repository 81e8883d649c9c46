import { type Fields, isFields, type KubeObject } from '../kube/objects/object.ts';

/** What Calico's own client fills in when it writes a v3 resource. */
export function withCalicoDefaults(object: KubeObject): KubeObject {
  const spec = isFields(object['spec']) ? object['spec'] : {};
  const defaults = DEFAULTS[object.kind]?.(spec) ?? {};
  const numbered = typeof spec['asNumber'] === 'string' ? { asNumber: asNumber(spec['asNumber']) } : {};
  return { ...object, spec: { ...defaults, ...spec, ...numbered } };
}

const DEFAULTS: Readonly<Record<string, (spec: Fields) => Fields>> = {
  BGPConfiguration: () => ({ logSeverityScreen: 'Info', serviceLoadBalancerAggregation: 'Enabled' }),
  IPPool: ({ cidr }) => ({
    allowedUses: ['Workload', 'Tunnel'],
    assignmentMode: 'Automatic',
    blockSize: String(cidr).includes(':') ? 122 : 26,
    ipipMode: 'Never',
    nodeSelector: 'all()',
    vxlanMode: 'Never',
  }),
};

/** AS numbers may be written as text, plain or dotted. What cannot be read stays for the validator. */
function asNumber(text: string): number | string {
  const [high, low] = text.split('.');
  const number = low === undefined ? Number(high) : Number(high) * 65_536 + Number(low);
  return Number.isInteger(number) ? number : text;
}
