/** The highest AS number: four bytes (RFC 6793). */
export const MAX_AS_NUMBER = 4_294_967_295;

/** AS numbers that no speaker may have: AS_TRANS and the last of each width (RFC 6793, RFC 7300). */
const RESERVED: ReadonlySet<number> = new Set([23_456, 65_535, MAX_AS_NUMBER]);

/** Reads an AS number as plain digits (`64512`, 64512) or dotted (`1.10`, RFC 5396). Nothing when it is none, or not 1 to 4294967295. */
export function parseAsn(input: number | string): number | undefined {
  const asn = typeof input === 'number' ? input : (dotted(input) ?? plain(input));
  return asn !== undefined && Number.isInteger(asn) && asn >= 1 && asn <= MAX_AS_NUMBER ? asn : undefined;
}

const plain = (text: string): number | undefined => (/^(0|[1-9]\d{0,9})$/.test(text) ? Number(text) : undefined);

function dotted(text: string): number | undefined {
  const [, high, low] = /^(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})$/.exec(text) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const halves = [Number(high), Number(low)] as const;
  return halves.every((half) => half <= 0xffff) ? halves[0] * 0x1_0000 + halves[1] : undefined;
}

/** `64512` as it is, `65546` as `1.10`: what a device with `asdot` notation prints. */
export function formatAsdot(asn: number): string {
  return asn <= 0xffff ? `${asn}` : `${Math.floor(asn / 0x1_0000)}.${asn % 0x1_0000}`;
}

/** Whether the number is set aside by the standards, so that a session with it will not come up. */
export function isReservedAsn(asn: number): boolean {
  return RESERVED.has(asn);
}
