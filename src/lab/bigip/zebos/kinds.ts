import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Kinds of arguments of imish commands. A number is written as its bounds: `1..3600`. */
const KINDS: Readonly<Record<string, (text: string) => boolean>> = {
  IP: (text) => isIP(text) !== 0,
  IPV4: (text) => isIP(text) === 4,
  PREFIX: (text) => isPrefix(text),
  PREFIX4: (text) => isPrefix(text) && text.includes('.'),
  /** A peer's address, or the name of a group. */
  PEER: (text) => isIP(text) !== 0 || /^[A-Za-z][\w./-]*$/.test(text),
  GROUP: (text) => isIP(text) === 0 && /^[A-Za-z][\w./-]*$/.test(text),
  ASN: (text) => /^\d{1,10}$/.test(text) && within(text, 1, 4294967295),
  WORD: () => true,
};

export function isKind(kind: string, text: string): boolean {
  const [low, high] = kind.split('..');
  if (high !== undefined) return /^\d{1,10}$/.test(text) && within(text, Number(low), Number(high));
  return KINDS[kind]?.(text) ?? false;
}

function within(text: string, low: number, high: number): boolean {
  return Number(text) >= low && Number(text) <= high;
}

function isPrefix(text: string): boolean {
  const [address = '', length = ''] = text.split('/');
  if (isIP(address) === 0 || !/^\d{1,3}$/.test(length)) return false;
  return ipaddr.isValidCIDR(text);
}
