import { isIP } from 'node:net';
import { bare } from '../tmsh/addresses.ts';
import { DEFAULT_SERVICES, serviceParts } from '../tmsh/services.ts';
import { listOf, type Objects, objectsOf, type Value } from '../tmsh/store.ts';
import { feed } from './ip.ts';

/**
 * Port lockdown as the whole filter table of the unit's namespace: what a self-IP answers. Connections that the unit opened itself
 * and ICMP always pass; the management address (loopback here) is not a self-IP. What is denied is answered by a reset, as TMM
 * does ("Port denied"). [unverified] for UDP
 */
export function lockdownRules(objects: Objects, family: 4 | 6 = 4): string {
  const selfIps = Object.values(objectsOf(objects, 'net self')).flatMap((self) => {
    const address = bare(String(self['address'] ?? '')).split('/')[0] ?? '';
    return isIP(address) === family ? [{ address, services: self['allow-service'] }] : [];
  });
  const [length, icmp] = family === 4 ? [32, 'icmp'] : [128, 'ipv6-icmp'];
  return [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A INPUT -i lo -j ACCEPT',
    `-A INPUT -p ${icmp} -j ACCEPT`,
    ...selfIps.flatMap(({ address, services }) => [
      ...admitted(services).map((match) => `-A INPUT -d ${address}/${length} ${match}-j ACCEPT`),
      `-A INPUT -d ${address}/${length} -p tcp -j REJECT --reject-with tcp-reset`,
      `-A INPUT -d ${address}/${length} -j DROP`,
    ]),
    'COMMIT',
    '',
  ].join('\n');
}

function admitted(services: Value | undefined): readonly string[] {
  if (services === 'all') return [''];
  const names = listOf(services).flatMap((name) => (name === 'default' ? DEFAULT_SERVICES : [name]));
  return [...new Set(names)].map((name) => {
    const { protocol, port } = serviceParts(name);
    return port === undefined ? `-p ${protocol} ` : `-p ${protocol} --dport ${port} `;
  });
}

/** Replaces the table of each family in one go. */
export async function applyLockdown(objects: Objects): Promise<void> {
  await feed('iptables-restore', ['-w', '5'], lockdownRules(objects));
  await feed('ip6tables-restore', ['-w', '5'], lockdownRules(objects, 6));
}
