import ipaddr from 'ipaddr.js';
import type { FakeProgram, Power } from './fake-host.ts';

/** One row of the main table. `dev` routes have no gateway. */
export interface FakeRoute {
  readonly dst: string;
  readonly via?: string;
  readonly dev?: string;
  /** Number, as `ip -N` prints it; none is boot. */
  readonly protocol?: string;
  readonly metric?: number;
  /** As `ip -N` numbers them: 6 is a blackhole. */
  readonly type?: string;
  readonly nexthops?: readonly { readonly gateway: string; readonly dev: string }[];
}

/** `ip` over a table in memory: fails where the kernel fails, with its words. */
export function fakeIp(table: FakeRoute[], power: Power): FakeProgram {
  const onLink = (gateway: string): boolean =>
    table.some(({ dst, via, dev }) => !via && dev && ipaddr.IPv4.parse(gateway).match(ipaddr.IPv4.parseCIDR(dst)));

  const change = (line: string): string | undefined => {
    const [object, verb, dst = '', ...rest] = line.split(' ');
    const option = (word: string) => (rest.includes(word) ? rest[rest.indexOf(word) + 1] : undefined);
    const [via, named, metric] = [option('via'), option('proto'), Number(option('metric') ?? 0)];
    const protocol = named && (numbers[named] ?? named);
    if (object !== 'route') return `Object "${object}" is unknown, try "ip help".`;
    if (!ipaddr.IPv4.isValidCIDR(dst)) return `Error: any valid prefix is expected rather than "${dst}".`;
    const same = (row: FakeRoute) => row.dst === dst && (row.metric ?? 0) === metric;
    if (verb === 'del') {
      const at = table.findIndex(
        (row) => row.dst === dst && (row.protocol ?? '3') === protocol && (!metric || same(row)),
      );
      if (at < 0) return 'RTNETLINK answers: No such process';
      power.spend();
      table.splice(at, 1);
      return undefined;
    }
    if (!via || !onLink(via)) return 'Error: Nexthop has invalid gateway.';
    const at = table.findIndex(same);
    if (verb === 'add' && at >= 0) return 'RTNETLINK answers: File exists';
    power.spend();
    const row = { dst, via, dev: 'br0', ...(protocol ? { protocol } : {}), ...(metric ? { metric } : {}) };
    if (at >= 0) table.splice(at, 1, row);
    else table.push(row);
    return undefined;
  };

  return (args, stdin) => {
    if (args.join(' ') === '-batch -') {
      for (const [at, line] of stdin.split('\n').entries()) {
        const error = line && change(line);
        if (error) return { code: 1, stderr: `${error}\nCommand failed -:${at + 1}\n` };
      }
      return '';
    }
    if (args.join(' ') === '-N -json route show table main') return `${JSON.stringify(table.map(printed))}\n`;
    return { code: 255, stderr: `fake ip does not know: ${args.join(' ')}\n` };
  };
}

/** Protocols that every `ip` knows by name. */
const numbers: Readonly<Record<string, string>> = { kernel: '2', boot: '3', static: '4' };

const printed = ({ dst, via, ...row }: FakeRoute) => ({
  dst: dst === '0.0.0.0/0' ? 'default' : dst.replace(/\/32$/, ''),
  ...(via ? { gateway: via } : {}),
  ...row,
  flags: [],
});
