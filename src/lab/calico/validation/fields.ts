import { isIP } from 'node:net';
import { parseNetwork } from '../../../net/cidr.ts';
import { parseSelector } from '../selector.ts';
import { type Problem, tagged } from './problem.ts';

type Check = (field: string, value: unknown) => readonly Problem[];

/** A check of a field that may be missing: Calico's `omitempty`. */
const check =
  (tag: string, valid: (text: string) => boolean): Check =>
  (field, value) =>
    value === undefined || value === '' || valid(String(value)) ? [] : [tagged(field, value, tag)];

/** `10.0.0.1`, `10.0.0.1:1790`, `[fd00::1]:1790`. */
export function parsePeerIp(text: string): { readonly address: string; readonly port?: number } | undefined {
  if (isIP(text) !== 0) return { address: text };
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  const family = match?.[1] === undefined ? 4 : 6;
  return isIP(address) === family && port >= 1 && port <= 65535 ? { address, port } : undefined;
}

export const isDuration = (text: string) => /^([-+]?\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text);

export const peerIp = check('IP:port', (text) => parsePeerIp(text) !== undefined);
export const name = check('name', (text) => /^[a-zA-Z0-9_.-]+$/.test(text));
export const selector = check('selector', (text) => {
  try {
    parseSelector(text);
    return true;
  } catch {
    return false;
  }
});
/** `net`: host bits are allowed, they are masked. */
export const network = (family: 4 | 6) =>
  check(`netv${family}`, (text) => {
    const [address = '', length = '', ...more] = text.split('/');
    const bits = family === 4 ? 32 : 128;
    return isIP(address) === family && /^\d+$/.test(length) && Number(length) <= bits && more.length === 0;
  });
export const strictNetwork = check('net', (text) => parseNetwork(text) !== undefined);
export const choice = (tag: string, ...values: readonly string[]) => check(tag, (text) => values.includes(text));
export const range =
  (minimum: number, maximum: number): Check =>
  (field, value) => {
    if (typeof value !== 'number') return [];
    return value < minimum ? [tagged(field, value, 'gte')] : value > maximum ? [tagged(field, value, 'lte')] : [];
  };
