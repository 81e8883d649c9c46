import ipaddr from 'ipaddr.js';
import { type KeptLine, withLine, withoutLine } from './config.ts';
import type { ConfigCommand } from './config-forms.ts';
import type { Edited, Place } from './edited.ts';
import { plainLine } from './frr-lines.ts';
import type { Word } from './grammar.ts';
import { joined } from './kept-line.ts';

/** An entry of `ip prefix-list NAME [seq N] permit PREFIX [ge N] [le N]`. */
interface Entry {
  /** `ip prefix-list PODS`. */
  readonly list: string;
  readonly seq: number | undefined;
  /** `permit 10.53.0.0/16 ge 26 le 32`, the prefix without host bits. */
  readonly rule: string;
}

/** Numbers grow by this where none is given. */
const STEP = 5;

/** A line about a prefix-list. One without a number gets the next; an entry that is there stays; `no` takes the entry, or the list. */
export function prefixList(
  place: Place,
  command: ConfigCommand & { readonly does: 'prefix-list' },
  words: readonly Word[],
): Edited {
  const { config } = place;
  const text = joined(words).replace(/^no /, '');
  const made = entry(text);
  const ofList = config.lists.filter((line) => line.key.startsWith(`${made.list} seq `));
  const wrong = refusal(made.rule);
  const told = (lists: readonly KeptLine[]) => ({ ...place, config: { ...config, lists } });
  if (wrong !== undefined) return { ...place, said: wrong, frr: [] };
  if (command.no) {
    const gone = ofList.filter((line) => isMeant(line, made));
    // [unverified] text
    if (gone.length === 0) return { ...place, said: "% Can't find specified prefix-list", frr: [] };
    const lists = gone.reduce((left, line) => withoutLine(left, line.key), config.lists);
    return { ...told(lists), frr: gone.flatMap((line) => plainLine(`no ${line.text}`, 'router', [])) };
  }
  const last = Math.max(0, ...ofList.map((line) => entry(line.text).seq ?? 0));
  if (made.seq === undefined && ofList.some((line) => entry(line.text).rule === made.rule))
    return { ...place, frr: [] };
  const seq = made.seq ?? (Math.floor(last / STEP) + 1) * STEP;
  const key = `${made.list} seq ${seq}`;
  const line = { text: `${key} ${made.rule}`, key, rank: command.rank, frr: 'router' as const };
  return { ...told(inOrder(withLine(config.lists, line), made.list)), frr: plainLine(line.text, 'router', []) };
}

/** The entries of one list by their numbers, at the places that the list has. */
function inOrder(lines: readonly KeptLine[], list: string): readonly KeptLine[] {
  const isOf = (line: KeptLine) => line.key.startsWith(`${list} seq `);
  const number = (line: KeptLine) => entry(line.text).seq ?? 0;
  const entries = lines.filter(isOf).sort((a, b) => number(a) - number(b));
  return lines.map((line) => (isOf(line) ? (entries.shift() ?? line) : line));
}

function entry(text: string): Entry {
  const found = /^(ip(?:v6)? prefix-list \S+)(?: seq (\d+))?(?: (.+))?$/.exec(text);
  const [, list = text, seq, rule = ''] = found ?? [];
  return { list, seq: seq === undefined ? undefined : Number(seq), rule: withoutHostBits(rule) };
}

function isMeant(line: KeptLine, wanted: Entry): boolean {
  const there = entry(line.text);
  return (wanted.seq === undefined || there.seq === wanted.seq) && (wanted.rule === '' || there.rule === wanted.rule);
}

function withoutHostBits(rule: string): string {
  const [action = '', prefix = '', ...rest] = rule.split(' ');
  if (rule === '' || !ipaddr.isValidCIDR(prefix)) return rule;
  const [address, length] = ipaddr.parseCIDR(prefix);
  const bytes = address.toByteArray().map((byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, length - at * 8))));
  return [action, `${ipaddr.fromByteArray(bytes).toString()}/${length}`, ...rest].join(' ');
}

/** Lengths must grow: that of the prefix, then `ge`, then `le`. The text is the family's. [unverified] */
function refusal(rule: string): string | undefined {
  const found = /^\w+ (\S+\/(\d+))(?: ge (\d+))?(?: le (\d+))?$/.exec(rule);
  if (found === null) return undefined;
  const [, prefix, own, ge, le] = found;
  const given = [Number(own), ...[ge, le].filter((each) => each !== undefined).map(Number)];
  const grows = given.every(
    (length, at) => at === 0 || length > (given[at - 1] ?? 0) || (at === 2 && length === given[1]),
  );
  return grows ? undefined : `% Invalid prefix range for ${prefix}, make sure: len < ge-value <= le-value`;
}
