import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** `10.10.2.20/24` of `10.10.2.20%1/24`, and of `default` what it stands for. The part after % is the route domain. */
export function bare(value: string): string {
  return value === 'default' ? '0.0.0.0/0' : value.replace(/%\d+/, '');
}

/** 1 of `10.10.2.20%1/24`; 0 where none is named. */
export function domainOf(value: string): number {
  return Number(/%(\d+)/.exec(value)?.[1] ?? 0);
}

/** Whether it is an address with a length, of either family. */
export function isPrefix(value: string): boolean {
  return ipaddr.isValidCIDR(bare(value)) && isIP(bare(value).split('/')[0] ?? '') !== 0;
}

export function contains(prefix: string, address: string): boolean {
  const one = ipaddr.parse(bare(address));
  const [base, length] = ipaddr.parseCIDR(bare(prefix));
  return one.kind() === base.kind() && one.match(base, length);
}
