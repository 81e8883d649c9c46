import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { CpaasError } from '../../core/errors.ts';
import { reading } from '../../core/reading.ts';
import type { Seen } from '../../core/step.ts';
import type { Query } from '../../core/transport.ts';
import { UnitPlace } from '../../routers/bigip/place.ts';
import { saveSysConfig } from '../../routers/bigip/saving/save-sys-config.ts';
import { admitsBgp, LIST_SELF_IPS, parseSelfIps, type SelfIp } from '../../routers/bigip/unit/self-ips.ts';

const Place = UnitPlace.extend({ selfIp: z.string() });
export type BigipSelfIpPlace = z.infer<typeof Place>;

/** The one element of the place, as tmsh spells it: tcp 179. */
export const TCP_BGP = 'tcp:bgp';

const SELF_IPS = reading(LIST_SELF_IPS);

const modify = (selfIp: string, ...words: readonly string[]): readonly string[] => [
  'tmsh',
  'modify',
  'net',
  'self',
  selfIp,
  'allow-service',
  ...words,
];

/** Port lockdown of a self-IP: BGP is let in besides what is let in already. `allow-service all` lets it in as it is. */
export const bigipSelfIp = defineStep<BigipSelfIpPlace, true>({
  kind: 'bigip.self-ip',
  place: Place,
  value: z.literal(true),
  undo: 'down',
  id: ({ unit, selfIp }) => `${unit}/${selfIp}`,
  title: ({ selfIp }) => `self-IP ${selfIp}`,
  host: ({ host }) => host,
  within: ({ within }) => within,
  claim: () => 'take',
  risk: ({ to }, { selfIp }) =>
    to ? { risk: 'additive' } : { risk: 'disruptive', why: `self-IP ${selfIp} lets no BGP session in any more` },
  describe: ({ to }) => `allow-service ${to ? 'add' : 'delete'} { ${TCP_BGP} }`,
  close: saveSysConfig,

  async read(ctx, { host, selfIp }) {
    const found = await find(ctx.host(host), selfIp);
    if (!found || !admitsBgp(found.allowService)) return new Map();
    // what lets more in than BGP has no entry of ours to take back
    const seen: Seen<true> = { value: true, ...(hasEntry(found) ? {} : { mark: 'other' }) };
    return new Map([[TCP_BGP, seen]]);
  },

  commands: ({ selfIp }, changes) =>
    changes.map(({ to }) => ({ argv: modify(selfIp, to ? 'add' : 'delete', '{', TCP_BGP, '}') })),

  async write(ctx, { host, selfIp }, changes) {
    const unit = ctx.host(host);
    for (const { to } of changes) {
      const argv = changing(await required(unit, selfIp), to);
      if (argv) await unit.run(argv);
    }
  },
});

const hasEntry = ({ allowService }: SelfIp): boolean => allowService !== 'all' && allowService.includes(TCP_BGP);

/** An empty list is not asked to take or give one entry: it is replaced, and `none` put back. */
function changing(selfIp: SelfIp, to: true | undefined): readonly string[] | undefined {
  const { name, allowService } = selfIp;
  if (allowService === 'all' || (to ? admitsBgp(allowService) : !hasEntry(selfIp))) return undefined;
  const only = allowService.every((each) => each === TCP_BGP);
  if (to) return only ? modify(name, 'replace-all-with', '{', TCP_BGP, '}') : modify(name, 'add', '{', TCP_BGP, '}');
  return only ? modify(name, 'none') : modify(name, 'delete', '{', TCP_BGP, '}');
}

async function find(unit: Query, selfIp: string): Promise<SelfIp | undefined> {
  const { stdout } = await unit.query(SELF_IPS);
  return parseSelfIps(stdout).find(({ name }) => name === selfIp);
}

async function required(unit: Query, selfIp: string): Promise<SelfIp> {
  const found = await find(unit, selfIp);
  if (found) return found;
  throw new CpaasError('BIGIP.NO_SELF_IP', `${unit.name} has no self-IP "${selfIp}" any more`, {
    next: [{ label: 'looks again', command: 'cpaas plan' }],
  });
}
