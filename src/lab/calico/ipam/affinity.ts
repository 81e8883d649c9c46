import { createHash } from 'node:crypto';
import type { Draft } from '../../kube/objects/object.ts';
import { blockName } from './block.ts';

/** The BlockAffinity of a node and a network. Long names are cut and end with a hash, so a name cannot be read back. */
export function affinityDraft(node: string, cidr: string, state: 'pending' | 'confirmed'): Draft {
  const labels = {
    'projectcalico.org/affinity-type': 'host',
    'projectcalico.org/hostname-hash': base32(createHash('sha3-256').update(node).digest()),
    'projectcalico.org/ip-version': '4',
  };
  const metadata = {
    name: affinityName(node, cidr),
    labels,
    annotations: { 'projectcalico.org/metadata': JSON.stringify({ creationTimestamp: null, labels }) },
  };
  return { metadata, spec: { cidr, node, state, type: 'host', deleted: 'false' } };
}

export function affinityName(node: string, cidr: string): string {
  const name = `${node}-${blockName(cidr)}`;
  if (name.length < 253) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 11);
  return `${name.slice(0, 251 - hash.length)}-${hash}`;
}

/** RFC 4648 without padding. */
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('');
}
