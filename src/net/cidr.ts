import ipaddr from 'ipaddr.js';

/** Four bytes or sixteen, as a number that can be counted with. */
export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** A network in CIDR notation: `first` is its lowest address and has no host bits. */
export interface Network {
  readonly family: 4 | 6;
  readonly first: bigint;
  /** Length of the prefix: 26 in 10.53.0.0/26. */
  readonly length: number;
}

const bits = (family: 4 | 6): number => (family === 4 ? 32 : 128);
const size = (family: 4 | 6, length: number): bigint => 1n << BigInt(bits(family) - length);

/** Reads `10.10.2.20` or `fd00::1`. Short forms of IPv4 (`10.1`, `0x0a000001`), zone names and prefixes are no addresses. */
export function parseAddress(text: string): Address | undefined {
  const family = FOUR_PARTS.test(text) ? 4 : isIpv6Address(text) ? 6 : undefined;
  if (family === undefined) return undefined;
  const value = ipaddr
    .parse(text)
    .toByteArray()
    .reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return { family, value };
}

/** Whether `parseAddress` would read it: without reckoning, since a configuration asks this of every line. */
export const isAddress = (text: string): boolean => FOUR_PARTS.test(text) || isIpv6Address(text);

/** Decimal, without leading zeros. */
const FOUR_PARTS = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** Of an address or a network that is known to be one: whether it is of IPv6. */
export const isIpv6 = (text: string): boolean => text.includes(':');

const isIpv6Address = (text: string): boolean => isIpv6(text) && !text.includes('%') && ipaddr.IPv6.isValid(text);

/** Reads `10.53.0.0/16`; an address with host bits (`10.53.0.1/16`) is no network. */
export function parseNetwork(text: string): Network | undefined {
  const parts = splitPrefix(text);
  if (!parts) return undefined;
  const { address, length } = parts;
  return address.value % size(address.family, length) === 0n
    ? { family: address.family, first: address.value, length }
    : undefined;
}

/** The network that an address with a prefix length lies in: `10.53.0.0/16` for `10.53.0.7/16`. Nothing when it is no such thing. */
export function networkAround(text: string): string | undefined {
  const parts = splitPrefix(text);
  return parts && networkOf(formatAddress(parts.address), parts.length);
}

function splitPrefix(text: string): { readonly address: Address; readonly length: number } | undefined {
  const [host = '', prefix = '', ...rest] = text.split('/');
  const address = parseAddress(host);
  if (!address || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(prefix)) return undefined;
  const length = Number(prefix);
  return length <= bits(address.family) ? { address, length } : undefined;
}

/** The usual spelling: IPv6 shortened as RFC 5952 wants it. */
export function formatAddress({ family, value }: Address): string {
  const bytes = Array.from({ length: bits(family) / 8 }, (_, i) =>
    Number((value >> BigInt(bits(family) - 8 * (i + 1))) & 255n),
  );
  const parsed = ipaddr.fromByteArray(bytes);
  return parsed instanceof ipaddr.IPv6 ? parsed.toRFC5952String() : parsed.toString();
}

export function formatNetwork({ family, first, length }: Network): string {
  return `${formatAddress({ family, value: first })}/${length}`;
}

/** Whether an address or a whole network lies inside a network. */
export function contains(network: string, inner: string): boolean {
  const [a, b] = [range(network), range(inner)];
  return a.family === b.family && a.first <= b.first && b.last <= a.last;
}

/** Whether two networks or addresses have an address in common. */
export function overlaps(one: string, other: string): boolean {
  const [a, b] = [range(one), range(other)];
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** The network of a length that an address lies in: `10.10.2.0/24` for `10.10.2.20` and 24. */
export function networkOf(address: string, length: number): string {
  const { family, value } = known(address, parseAddress);
  return formatNetwork({ family, first: value - (value % size(family, length)), length });
}

/** How many addresses a network holds, the first and the last included. */
export function addressCount(network: string): bigint {
  const { family, length } = known(network, parseNetwork);
  return size(family, length);
}

/** How many hosts can stand in a network: without its own address and, in IPv4, the broadcast address. A pair or a single address has neither. */
export function hostCount(network: string): bigint {
  const { family, length } = known(network, parseNetwork);
  const all = size(family, length);
  return all <= 2n ? all : all - (family === 4 ? 2n : 1n);
}

/** Whether a host of the network can have the address: inside, and neither the network's own nor the broadcast address. */
export function isHostOf(network: string, address: string): boolean {
  const { family, first, last } = range(network);
  const { value } = known(address, parseAddress);
  return contains(network, address) && (last - first < 2n || (value !== first && (family === 6 || value !== last)));
}

/** `172.19.0.2` for `172.19.0.0/16` and 2. Throws a RangeError past its end. */
export function nthAddress(network: string, n: number): string {
  const { family, first, length } = known(network, parseNetwork);
  if (!Number.isInteger(n) || n < 0 || BigInt(n) >= size(family, length))
    throw new RangeError(`${network} has no address number ${n}`);
  return formatAddress({ family, value: first + BigInt(n) });
}

/** How many networks of a length a network divides into; 0 when they are bigger than it. */
export function blockCount(network: string, length: number): bigint {
  const { length: own } = known(network, parseNetwork);
  return length < own ? 0n : 1n << BigInt(length - own);
}

/** The networks of a length inside a network, from its start. */
export function* blocks(network: string, length: number): Generator<string> {
  const { family, first } = known(network, parseNetwork);
  const count = blockCount(network, length);
  for (let i = 0n; i < count; i++) yield formatNetwork({ family, first: first + i * size(family, length), length });
}

/** Orders addresses and networks by number, as people read them: 10.0.0.9 before 10.0.0.10. */
export function compareAddresses(one: string, other: string): number {
  const [a, b] = [range(one), range(other)];
  if (a.family !== b.family) return a.family - b.family;
  if (a.first !== b.first) return a.first < b.first ? -1 : 1;
  return a.last === b.last ? 0 : a.last > b.last ? -1 : 1;
}

/** First and last address of a network; of an address, itself. */
function range(text: string): { readonly family: 4 | 6; readonly first: bigint; readonly last: bigint } {
  const address = parseAddress(text);
  if (address) return { family: address.family, first: address.value, last: address.value };
  const { family, first, length } = known(text, parseNetwork);
  return { family, first, last: first + size(family, length) - 1n };
}

function known<T>(text: string, parse: (text: string) => T | undefined): T {
  const parsed = parse(text);
  if (parsed === undefined) throw new RangeError(`${text} is no ${parse === parseAddress ? 'address' : 'network'}`);
  return parsed;
}
