/**
 * The configuration lines that imish knows, in the order in which `show running-config` prints them, and what each is to FRR.
 * Lines at the end of each list are those that people have beside the ones that cpaas emits: kept, printed, given to FRR where it
 * knows them. Forms from the transcripts in facts/bigip.md, A5; what is only plausible says so.
 */
export interface ConfigLine {
  readonly form: string;
  /** On unless a `no` line stands there: that is the one that is kept and printed. */
  readonly on?: true;
  /**
   * Where FRR has it: `router` (the line itself), `ipv4` (moved into the IPv4 address family), `none` (FRR has nothing like it),
   * or a function to FRR's own words at router level.
   */
  readonly frr: 'router' | 'ipv4' | 'none' | ((line: string) => string);
}

const gracefulRestart = (line: string) => `neighbor ${line.split(' ')[1]} graceful-restart-disable`;

/** Lines about `bgp` itself. */
export const BGP_LINES: readonly ConfigLine[] = [
  { form: 'bgp router-id =IPV4', frr: 'router' },
  { form: 'max-paths (ebgp|ibgp) =1..64', frr: 'none' },
  { form: 'bgp log-neighbor-changes', frr: 'router' },
  { form: 'bgp default ipv4-unicast', on: true, frr: 'router' },
  { form: 'bgp graceful-restart restart-time =1..3600', frr: 'router' },
  { form: 'bgp graceful-restart stalepath-time =1..3600', frr: 'router' },
  { form: 'bgp graceful-restart graceful-reset', frr: 'none' },
  { form: 'bgp always-compare-med', frr: 'router' },
  { form: 'bgp bestpath compare-routerid', frr: 'router' },
  { form: 'aggregate-address PREFIX [=summary-only]', frr: 'ipv4' },
  { form: 'network PREFIX [=route-map =WORD]', frr: 'ipv4' },
  { form: 'redistribute (kernel|connected|static) [=route-map =WORD]', frr: 'ipv4' },
  { form: 'timers bgp =0..65535 =0..65535', frr: 'router' },
];

/** Lines about a neighbor or a peer group, at router level. */
export const NEIGHBOR_LINES: readonly ConfigLine[] = [
  { form: 'neighbor GROUP peer-group', frr: 'router' },
  { form: 'neighbor PEER remote-as =ASN', frr: 'router' },
  { form: 'neighbor PEER peer-group =GROUP', frr: 'router' },
  { form: 'neighbor PEER description =LINE', frr: 'router' },
  { form: 'neighbor PEER update-source =WORD', frr: 'router' },
  { form: 'neighbor PEER ebgp-multihop [=1..255]', frr: 'router' },
  { form: 'neighbor PEER ttl-security hops =1..254', frr: 'router' },
  { form: 'neighbor PEER capability graceful-restart', on: true, frr: gracefulRestart },
  { form: 'neighbor PEER capability route-refresh', on: true, frr: 'none' },
  { form: 'neighbor PEER password =LINE', frr: 'router' },
  { form: 'neighbor PEER timers =0..65535 =0..65535', frr: 'router' },
  { form: 'neighbor PEER timers connect =1..65535', frr: 'router' },
  { form: 'neighbor PEER advertisement-interval =0..600', frr: 'router' },
  { form: 'neighbor PEER fall-over bfd', frr: (line) => line.replace('fall-over bfd', 'bfd') },
  { form: 'neighbor PEER passive', frr: 'router' },
  { form: 'neighbor PEER shutdown', frr: 'router' },
  { form: 'neighbor PEER maximum-prefix =1..4294967295 [=1..100] [=warning-only]', frr: 'ipv4' },
  { form: 'neighbor PEER soft-reconfiguration inbound', frr: 'ipv4' },
  { form: 'neighbor PEER next-hop-self', frr: 'ipv4' },
  { form: 'neighbor PEER as-override', frr: 'ipv4' },
  { form: 'neighbor PEER default-originate [=route-map =WORD]', frr: 'ipv4' },
  { form: 'neighbor PEER prefix-list =WORD (in|out)', frr: 'ipv4' },
  { form: 'neighbor PEER route-map =WORD (in|out)', frr: 'ipv4' },
  { form: 'neighbor PEER distribute-list =WORD (in|out)', frr: 'ipv4' },
  { form: 'neighbor PEER filter-list =WORD (in|out)', frr: 'ipv4' },
  { form: 'neighbor PEER send-community [=both]', frr: 'ipv4' },
  { form: 'neighbor PEER activate', on: true, frr: 'ipv4' },
];

function inFamily(line: ConfigLine): ConfigLine {
  return { ...line, frr: 'router' };
}

/** Lines inside `address-family ipv6`; FRR takes them there word for word. */
export const FAMILY_LINES: readonly ConfigLine[] = [
  { form: 'network PREFIX [=route-map =WORD]', frr: 'router' },
  { form: 'redistribute (kernel|connected|static) [=route-map =WORD]', frr: 'router' },
  { form: 'neighbor PEER activate', frr: 'router' },
  { form: 'neighbor PEER capability graceful-restart', on: true, frr: 'none' },
  ...NEIGHBOR_LINES.filter((line) => line.frr === 'ipv4' && line.on === undefined).map(inFamily),
  { form: 'neighbor PEER peer-group =GROUP', frr: 'none' },
];

/** One-line statements at the top level that are printed before `router bgp`. */
export const GLOBAL_LINES: readonly ConfigLine[] = [
  { form: 'log syslog', frr: 'none' },
  { form: 'bgp extended-asn-cap', frr: 'none' },
  { form: 'bfd gtsm enable', frr: 'none' },
];

/** One-line statements at the top level that are printed after it. */
export const LIST_LINES: readonly ConfigLine[] = [
  { form: 'ip route PREFIX4 =WORD', frr: 'none' },
  { form: 'access-list WORD (permit|deny) WORD', frr: 'router' },
  { form: 'ip as-path access-list WORD (permit|deny) LINE', frr: (line) => line.replace('ip as-path', 'bgp as-path') },
];

/** One-line statements that have a number among others of their name, which ZebOS gives where nobody does. Printed after those. */
export const PREFIX_LIST_LINES: readonly string[] = [
  'ip prefix-list WORD [seq 1..4294967294] (permit|deny) PREFIX4 [ge 0..32] [le 0..32]',
  'ipv6 prefix-list WORD [seq 1..4294967294] (permit|deny) PREFIX [ge 0..128] [le 0..128]',
];

/** What may be left out of their ends after `no`. */
export const PREFIX_LIST_ENDS: readonly string[] = [
  'no (ip|ipv6) prefix-list WORD',
  'no (ip|ipv6) prefix-list WORD seq 1..4294967294',
];

/** Headers of blocks whose lines are kept as they are typed. */
export const BLOCKS: readonly ConfigLine[] = [
  { form: 'interface WORD', frr: 'none' },
  { form: 'route-map WORD (permit|deny) 1..65535', frr: 'router' },
];

/** What may stand in a block: kept word for word, and given to FRR, whose refusal is only logged. */
export const BLOCK_LINES: readonly ConfigLine[] = [
  { form: 'match LINE', frr: 'router' },
  { form: 'set LINE', frr: 'router' },
  { form: 'description LINE', frr: 'none' },
  { form: 'ip LINE', frr: 'none' },
  { form: 'bfd LINE', frr: 'none' },
];
