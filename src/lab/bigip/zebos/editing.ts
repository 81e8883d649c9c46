import {
  attribute,
  type Block,
  type Context,
  EMPTY,
  isGroup,
  type KeptLine,
  type RouterConfig,
  subjectOf,
  withLine,
  withoutLine,
  withoutPeers,
  type ZebosConfig,
} from './config.ts';
import { type ConfigCommand, FIRST_LIST, formsAt, TOP_FORMS } from './config-forms.ts';
import { type FrrLine, familyLine, newRouter, plainLine, routerLine, topLine } from './frr-lines.ts';
import { type Match, match, tokens, type Word } from './grammar.ts';
import { isKind } from './kinds.ts';
import { goneWith, refusal, removalRefusal } from './legality.ts';

/** What one line did. `said` is what imish prints; a refused line changes nothing and leaves the session where it was. */
export interface Edited {
  readonly config: ZebosConfig;
  readonly context: Context;
  readonly said?: string;
  /** Column that the caret stands under. */
  readonly invalidAt?: number;
  readonly frr: readonly FrrLine[];
}

type Place = Pick<Edited, 'config' | 'context'>;

/** Applies one configuration line, as typed. Pure: the session carries it out. */
export function edit(place: Place, typed: string): Edited {
  const stay = { ...place, frr: [] };
  const line = tokens(typed);
  if (line.length === 0 || typed.trimStart().startsWith('!')) return stay;
  const { own, top } = formsAt(place.context);
  const found = match(own, line, isKind);
  // A command of the top level is understood everywhere: that is how a pasted configuration leaves `router bgp`.
  const above = found.result !== 'ok' && !top ? match(TOP_FORMS, line, isKind) : undefined;
  const context: Context = above?.result === 'ok' ? { at: 'config' } : place.context;
  const meant: Match<ConfigCommand> = above?.result === 'ok' ? above : found;
  if (meant.result === 'ambiguous') return { ...stay, said: `% Ambiguous command:  "${typed.trim()}"` };
  if (meant.result === 'incomplete') return { ...stay, said: '% Incomplete command.' };
  if (meant.result === 'invalid')
    return { ...stay, said: "% Invalid input detected at '^' marker.", invalidAt: meant.at };
  return carryOut({ config: place.config, context }, meant.command, meant.words);
}

/** The configuration that lines make; those that are refused are left out, as when a unit loads ZebOS.conf. */
export function load(lines: readonly string[]): ZebosConfig {
  const end = { config: EMPTY, context: { at: 'config' } as Context };
  return lines.reduce((place: Place, line) => edit(place, line), end).config;
}

function carryOut(place: Place, command: ConfigCommand, words: readonly Word[]): Edited {
  const { config, context } = place;
  switch (command.does) {
    case 'nothing':
      return { ...place, frr: [] };
    case 'router':
      return command.no ? removeRouter(place, words[3]?.text ?? '') : enterRouter(place, words[2]?.text ?? '');
    case 'family':
      return family(place, command.no);
    case 'leave-family':
      return { config, context: { at: 'router' }, frr: [] };
    case 'block':
      return block(place, command, joined(words).replace(/^no /, ''));
    case 'no-peer':
      return config.router === undefined
        ? { ...place, frr: [] }
        : removePeer(place, config.router, words[2]?.text ?? '');
    case 'keep':
    case 'default':
      if (config.router !== undefined && context.at === 'router') return ofRouter(place, config.router, command, words);
      if (config.router !== undefined && context.at === 'family') return ofFamily(place, config.router, command, words);
      return plain(place, command, words);
  }
}

function enterRouter(place: Place, as: string): Edited {
  const { router } = place.config;
  if (router === undefined) {
    return { config: { ...place.config, router: { as, lines: [] } }, context: { at: 'router' }, frr: newRouter(as) };
  }
  // Without a percent sign, and the session stays where it is: every neighbor line that follows fails.
  if (router.as !== as) return { ...place, said: `BGP is already running; AS is ${router.as}`, frr: [] };
  return { config: place.config, context: { at: 'router' }, frr: [] };
}

function removeRouter(place: Place, as: string): Edited {
  const { router, ...rest } = place.config;
  if (router?.as !== as) return { ...place, said: "% Can't find BGP instance", frr: [] };
  return { config: rest, context: { at: 'config' }, frr: [topLine(`no router bgp ${as}`)] };
}

function family(place: Place, no: boolean): Edited {
  const { router } = place.config;
  if (router === undefined) return { ...place, frr: [] };
  if (!no) {
    const config = { ...place.config, router: { ...router, ipv6: router.ipv6 ?? [] } };
    return { config, context: { at: 'family' }, frr: [] };
  }
  const { ipv6 = [], ...rest } = router;
  return {
    ...place,
    config: { ...place.config, router: rest },
    frr: ipv6.map((line) => familyLine(router, negated(line.text))),
  };
}

function block(place: Place, command: ConfigCommand & { does: 'block' }, text: string): Edited {
  const { config } = place;
  const frr = plainLine(command.no ? `no ${text}` : text, command.frr, []);
  if (command.no)
    return { config: { ...config, blocks: withoutLine(config.blocks, text) }, context: { at: 'config' }, frr };
  const existing = config.blocks.find((each) => each.key === text);
  const made: Block = existing ?? { text, key: text, rank: command.rank, frr: command.frr, lines: [] };
  return { config: { ...config, blocks: withLine(config.blocks, made) }, context: { at: 'block', key: text }, frr };
}

type Keeping = Extract<ConfigCommand, { does: 'keep' | 'default' }>;

/** A statement of the top level, or of a block. */
function plain(place: Place, command: Keeping, words: readonly Word[]): Edited {
  const { config, context } = place;
  const line = keptLine(words, command);
  const typed = command.no ? `no ${line.text}` : line.text;
  const change = (lines: readonly KeptLine[]) => (command.no ? withoutLine(lines, line.key) : withLine(lines, line));
  if (context.at === 'block') {
    const blocks = config.blocks.map((each) =>
      each.key === context.key ? { ...each, lines: change(each.lines) } : each,
    );
    return { ...place, config: { ...config, blocks }, frr: plainLine(typed, line.frr, [context.key]) };
  }
  const list = command.rank >= FIRST_LIST ? 'lists' : 'globals';
  return { context, config: { ...config, [list]: change(config[list]) }, frr: plainLine(typed, line.frr, []) };
}

/** A line of `router bgp`. */
function ofRouter(place: Place, router: RouterConfig, command: Keeping, words: readonly Word[]): Edited {
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
function ofFamily(place: Place, router: RouterConfig, command: Keeping, words: readonly Word[]): Edited {
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

function removePeer(place: Place, router: RouterConfig, peer: string): Edited {
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

/** The line as it is kept: keywords written out, without `no`. */
function keptLine(words: readonly Word[], { rank, frr }: Keeping): KeptLine {
  const positive = words[0]?.text === 'no' ? words.slice(1) : words;
  const text = joined(positive);
  if (text === 'bgp graceful-restart') return { ...RESTART_TIME, rank, frr };
  return { text, key: joined(positive.filter((word) => !word.value)), rank, frr };
}

const RESTART_TIME = { text: 'bgp graceful-restart restart-time 120', key: 'bgp graceful-restart restart-time' };

/** `remote-as` of `neighbor 10.0.0.2 remote-as`. */
function aboutPeer(key: string): string {
  return key.split(' ').slice(2).join(' ');
}

function joined(words: readonly Word[]): string {
  return words.map((word) => word.text).join(' ');
}

function negated(text: string): string {
  return text.startsWith('no ') ? text.slice('no '.length) : `no ${text}`;
}
