import { attribute, isGroup, membersOf, type RouterConfig } from './config.ts';

/** Attributes of what is sent: a member has its group's. */
const OUTBOUND =
  /^(?:(?:prefix-list|route-map|filter-list|distribute-list) \S+ out|next-hop-self|send-community|default-originate|as-override|advertisement-interval)/;

/**
 * Why ZebOS refuses a `neighbor` line, if it does: things must exist before others speak of them. Texts from the Zebra family
 * (facts/bigip.md, A4 and A7); their exact wording on a BIG-IP is [unverified].
 */
export function refusal(router: RouterConfig, line: string): string | undefined {
  const [, peer = '', ...rest] = line.split(' ');
  const command = rest.join(' ');
  return isAddress(peer) ? peerRefusal(router, peer, command) : groupRefusal(router, peer, command);
}

function groupRefusal(router: RouterConfig, group: string, command: string): string | undefined {
  if (command === 'peer-group' || isGroup(router, group)) return undefined;
  return '% Create the peer-group first';
}

function peerRefusal(router: RouterConfig, peer: string, command: string): string | undefined {
  const group = attribute(router, peer, 'peer-group');
  const known = group !== undefined || attribute(router, peer, 'remote-as') !== undefined;
  const groupAs = group === undefined ? undefined : attribute(router, group, 'remote-as');
  if (command.startsWith('remote-as ')) {
    return groupAs === undefined ? undefined : `% Peer-group AS ${groupAs}. Cannot configure remote-as for member`;
  }
  if (command.startsWith('peer-group ')) return joining(router, peer, group, command.slice('peer-group '.length));
  if (!known) return '% Specify remote-as or peer-group commands first';
  if (group !== undefined && OUTBOUND.test(command)) return '% Invalid command for a peer-group member';
  return undefined;
}

function joining(router: RouterConfig, peer: string, now: string | undefined, group: string): string | undefined {
  if (!isGroup(router, group)) return '% Configure the peer-group first';
  if (now !== undefined && now !== group) return '% Cannot change peer-group. Deconfigure first';
  const ofGroup = attribute(router, group, 'remote-as');
  const own = attribute(router, peer, 'remote-as');
  if (ofGroup === undefined && own === undefined) return '% Specify remote-as or peer-group remote AS first';
  if (ofGroup !== undefined && own !== undefined && now === undefined && ofGroup !== own) {
    return `% Peer-group AS ${ofGroup}. Cannot configure remote-as for member`;
  }
  return undefined;
}

/** Why a `no neighbor` line is refused: what it speaks of is not there. */
export function removalRefusal(router: RouterConfig, peer: string): string | undefined {
  if (router.lines.some((line) => line.text.startsWith(`neighbor ${peer} `))) return undefined;
  return isAddress(peer) ? '% Specify remote-as or peer-group commands first' : '% Create the peer-group first';
}

/**
 * The peers that go with a `no neighbor …` line: a group takes its members along, also when only its AS number is removed, and a
 * peer goes with what gave it its AS number. Silently, as measured on FRR; ZebOS is assumed to do the same.
 */
export function goneWith(router: RouterConfig, peer: string, command: string): readonly string[] {
  if (!isAddress(peer)) {
    if (command === '' || command === 'peer-group') return [peer, ...membersOf(router, peer)];
    return command === 'remote-as' ? membersOf(router, peer).filter((each) => !hasOwnAs(router, each)) : [];
  }
  if (command === '' || command === 'remote-as') return [peer];
  return command === 'peer-group' && !hasOwnAs(router, peer) ? [peer] : [];
}

function hasOwnAs(router: RouterConfig, peer: string): boolean {
  return attribute(router, peer, 'remote-as') !== undefined;
}

function isAddress(peer: string): boolean {
  return /^[\d.]+$/.test(peer) || peer.includes(':');
}
