import {
  attribute,
  isGroup,
  type KeptLine,
  type RouterConfig,
  subjectOf,
  withLine,
  withoutLine,
  withoutPeers,
} from './config.ts';
import type { Edited, Place } from './edited.ts';
import { familyLine, routerLine } from './frr-lines.ts';
import type { Word } from './grammar.ts';
import { type Keeping, keptLine } from './kept-line.ts';
import { goneWith, refusal, removalRefusal } from './legality.ts';

/** A line of `router bgp`. */
export function ofRouter(place: Place, router: RouterConfig, command: Keeping, words: readonly Word[]): Edited {
  const line = keptLine(words, command);
  const peer = subjectOf(line.text);
  if (peer !== undefined) {
    const gone = command.does === 'default' || command.no;
    const refused = gone ? removalRefusal(router, peer) : refusal(router, line.text);
    if (refused !== undefined) return { ...place, said: refused, frr: [] };
  }
  const removed = command.does === 'keep' && command.no && peer !== undefined;
  const rest = removed ? withoutPeers(router, goneWith(router, peer, aboutPeer(line.key))) : router;
  const next = { ...rest, lines: changed(rest.lines, command, line) };
  // FRR wants the value in some `no` lines: the one that stands there is given.
  const standing = router.lines.find((each) => each.key === line.key)?.text ?? line.text;
  const typed = command.no ? `no ${command.does === 'keep' ? standing : line.text}` : line.text;
  return { ...place, config: { ...place.config, router: next }, frr: routerLine(router, typed, line.frr) };
}

/** A line of `address-family ipv6`. A member of a group may be named for itself here, so only its existence counts. */
export function ofFamily(place: Place, router: RouterConfig, command: Keeping, words: readonly Word[]): Edited {
  const line = keptLine(words, command);
  const peer = subjectOf(line.text);
  const refused = peer === undefined ? undefined : removalRefusal(router, peer);
  if (refused !== undefined) return { ...place, said: refused, frr: [] };
  const lines = router.ipv6 ?? [];
  const does =
    command.no && groupIsActivated(router, lines, line.text) ? { ...command, does: 'default' as const } : command;
  const config = { ...place.config, router: { ...router, ipv6: changed(lines, does, line) } };
  const typed = command.no ? `no ${line.text}` : line.text;
  return { ...place, config, frr: line.frr === 'none' ? [] : [familyLine(router, typed)] };
}

export function removePeer(place: Place, router: RouterConfig, peer: string): Edited {
  const refused = removalRefusal(router, peer);
  if (refused !== undefined) return { ...place, said: refused, frr: [] };
  const config = { ...place.config, router: withoutPeers(router, goneWith(router, peer, '')) };
  const line = isGroup(router, peer) ? `no neighbor ${peer} peer-group` : `no neighbor ${peer}`;
  return { ...place, config, frr: routerLine(router, line, 'router') };
}

function changed(lines: readonly KeptLine[], command: Keeping, line: KeptLine): readonly KeptLine[] {
  if (!command.no) return command.does === 'keep' ? withLine(lines, line) : withoutLine(lines, line.key);
  return command.does === 'keep' ? withoutLine(lines, line.key) : withLine(lines, { ...line, text: `no ${line.text}` });
}

/** Then a member stays out of the family by a `no … activate` line of its own, which is printed. */
function groupIsActivated(router: RouterConfig, family: readonly KeptLine[], text: string): boolean {
  const peer = /^neighbor (\S+) activate$/.exec(text)?.[1];
  const group = peer === undefined ? undefined : attribute(router, peer, 'peer-group');
  return group !== undefined && family.some((each) => each.text === `neighbor ${group} activate`);
}

/** `remote-as` of `neighbor 10.0.0.2 remote-as`. */
function aboutPeer(key: string): string {
  return key.split(' ').slice(2).join(' ');
}
