import { createHash } from 'node:crypto';

/** Names of interfaces: at most 15 characters, the same for the same things at every start. */

const digest = (text: string, length: number): string => createHash('sha1').update(text).digest('hex').slice(0, length);

/** `br-` and the first 12 digits of a network's id, as Docker names a bridge; here the id is the lab's name, digested. */
export const dockerBridge = (lab: string): string => `br-${digest(lab, 12)}`;

/** The end of a link that is plugged into a switch: `veth` and seven digits, as Docker has it. */
export const switchPort = (machine: string, device: string): string => `veth${digest(`${machine} ${device}`, 7)}`;

/** The node's end of a pod's link: `cali` and eleven digits. */
export const calicoPort = (pod: string): string => `cali${digest(pod, 11)}`;

/** Docker derives a container's MAC address from its IPv4 address: neighbours know an address again that was away for a while. */
export function macOf(address: string): string {
  const digits = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['02', '42', ...digits].join(':');
}
