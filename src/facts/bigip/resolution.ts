import type { ForwardedBy } from '../../core/bgp-documents.ts';
import { contains, parseAddress } from '../../net/cidr.ts';
import type { BigipInstalled } from './routes.ts';

/** By which way a unit forwards to a prefix, and through which other route it finds the next hop: the longest that holds it. */
export function resolution({ prefix, hops: [hop] }: BigipInstalled, table: readonly BigipInstalled[]): ForwardedBy {
  const { nextHop, vlan } = hop ?? {};
  const found =
    nextHop === undefined
      ? undefined
      : longest(
          nextHop,
          table.filter((each) => each.prefix !== prefix),
        );
  return {
    ...(nextHop === undefined ? {} : { nextHop }),
    ...(vlan === undefined ? {} : { vlan }),
    ...(found ? { through: { prefix: found.prefix, code: found.code, ...found.hops[0] } } : {}),
  };
}

function longest(address: string, table: readonly BigipInstalled[]): BigipInstalled | undefined {
  const { family } = parseAddress(address) ?? {};
  const holds = table.filter(
    ({ prefix }) => parseAddress(prefix.split('/')[0] ?? '')?.family === family && contains(prefix, address),
  );
  return holds.toSorted((one, other) => lengthOf(other) - lengthOf(one))[0];
}

const lengthOf = ({ prefix }: BigipInstalled): number => Number(prefix.split('/')[1]);
