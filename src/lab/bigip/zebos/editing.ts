import { type Block, type Context, EMPTY, type KeptLine, withLine, withoutLine, type ZebosConfig } from './config.ts';
import { type ConfigCommand, FIRST_LIST, formsAt, TOP_FORMS } from './config-forms.ts';
import type { Edited, Place } from './edited.ts';
import { familyLine, newRouter, plainLine, topLine } from './frr-lines.ts';
import { type Match, match, tokens, type Word } from './grammar.ts';
import { joined, type Keeping, keptLine, spelled } from './kept-line.ts';
import { isKind } from './kinds.ts';
import { prefixList } from './prefix-lists.ts';
import { ofFamily, ofRouter, removePeer } from './router-editing.ts';

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
    case 'prefix-list':
      return prefixList({ config, context: { at: 'config' } }, command, words);
    case 'no-peer':
      return config.router === undefined
        ? { ...place, frr: [] }
        : removePeer(place, config.router, spelled(words[2]?.text ?? ''));
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

function negated(text: string): string {
  return text.startsWith('no ') ? text.slice('no '.length) : `no ${text}`;
}
