import { parseTmsh, properties, text, tmshList, words } from '../../../drivers/tmsh.ts';
import { formatAddress, networkAround, parseAddress } from '../../../net/cidr.ts';

/** What a self-IP lets in: everything, the unit's defaults, nothing, or a list that may name the defaults too. */
export type AllowService = 'all' | readonly string[];

export interface SelfIp {
  readonly name: string;
  /** Without the length of its network and the route domain: `10.10.2.20`. */
  readonly address: string;
  readonly routeDomain: number;
  /** The network it stands in, in CIDR notation; nothing where its length is not shown. */
  readonly network?: string;
  /** Moves to the other unit of a pair when this one fails. */
  readonly floating: boolean;
  readonly allowService: AllowService;
}

export const LIST_SELF_IPS = tmshList('net', 'self');

export function parseSelfIps(stdout: string): readonly SelfIp[] {
  return parseTmsh(stdout, ['net self']).map(({ name, block }) => {
    const { address, floating, 'traffic-group': group, 'allow-service': allow } = properties(block);
    const listed = words(allow);
    const [, own = '', routeDomain = '0', length] = /^([^%/]*)(?:%(\d+))?(?:\/(\d+))?/.exec(text(address) ?? '') ?? [];
    const network = length === undefined ? undefined : networkAround(`${own}/${length}`);
    const known = parseAddress(own);
    return {
      name,
      address: known ? formatAddress(known) : own,
      routeDomain: Number(routeDomain),
      ...(network === undefined ? {} : { network }),
      floating: text(floating) === 'enabled' || /(^|\/)traffic-group-(?!local)/.test(text(group) ?? ''),
      allowService: listed.includes('all') ? 'all' : listed.map(spelled),
    };
  });
}

/** tmsh reads numbers and shows names; what was typed in a file may be either. */
const spelled = (service: string): string => (service === 'tcp:179' || service === 'bgp' ? 'tcp:bgp' : service);

export const admitsBgp = (allow: AllowService): boolean => allow === 'all' || allow.some((each) => ADMITTING.has(each));
/** `0` is any port to tmsh. */
const ADMITTING: ReadonlySet<string> = new Set(['tcp:bgp', 'tcp:any', 'tcp:0']);
