import { CpaasError } from '../../core/errors.ts';
import type { Fact } from '../../core/facts.ts';
import { reading } from '../../core/reading.ts';
import { contains } from '../../net/cidr.ts';
import { LIST_SELF_IPS, parseSelfIps, type SelfIp } from '../../routers/bigip/unit/self-ips.ts';

export interface SelfIpQuestion {
  /** Key in the host table. */
  readonly host: string;
  readonly routeDomain: number;
  /** Its name, where somebody has said it. */
  readonly name?: string;
  /** The address that the unit was reached by. */
  readonly reachedBy: string;
  /** Addresses that are to be peered with. */
  readonly neighbors: readonly string[];
}

/**
 * The self-IP of a unit that neighbors peer with: the one named; or the one that shares a network with all of them, else the one that
 * the unit was reached by, else the only one. Rejects with `BIGIP.NO_SELF_IP` where there is none, or several that it might be.
 */
export const peeringSelfIp = (question: SelfIpQuestion): Fact<SelfIp> => ({
  name: `peering self-ip ${JSON.stringify(question)}`,
  async read(ctx) {
    const unit = ctx.host(question.host);
    const all = parseSelfIps((await unit.query(reading(LIST_SELF_IPS))).stdout);
    const chosen = choose(all, question);
    if (chosen) return chosen;
    const { name } = question;
    const what =
      name === undefined
        ? `${unit.name}: which self-IP do the neighbors peer with?`
        : `${unit.name} has no self-IP "${name}"`;
    throw new CpaasError('BIGIP.NO_SELF_IP', what, {
      evidence: all.map((each) => ({ label: each.name, text: words(each) })),
      next: [{ label: 'name one of them: --self-ip NAME' }],
    });
  },
});

/** A self-IP that floats is never chosen, but it may be named: the plan then says what is wrong with it. */
function choose(
  all: readonly SelfIp[],
  { name, routeDomain, reachedBy, neighbors }: SelfIpQuestion,
): SelfIp | undefined {
  if (name !== undefined) return all.find((each) => each.name === name);
  const own = all.filter((each) => !each.floating && each.routeDomain === routeDomain);
  const near = own.filter((each) => isBeside(each, neighbors));
  if (near.length === 1) return near[0];
  return own.find(({ address }) => address === reachedBy) ?? (own.length === 1 ? own[0] : undefined);
}

/** Whether a self-IP shares its network with all of these addresses; with none at all it does not. */
export const isBeside = ({ network }: Pick<SelfIp, 'network'>, addresses: readonly string[]): boolean =>
  network !== undefined && addresses.length > 0 && addresses.every((address) => contains(network, address));

const words = ({ address, network, routeDomain, floating }: SelfIp): string =>
  [`${address} in ${network ?? 'no network'}`, `route domain ${routeDomain}`, ...(floating ? ['floats'] : [])].join(
    ', ',
  );
