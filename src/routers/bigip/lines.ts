import { z } from 'zod';
import { parseAsn } from '../../net/asn.ts';
import { parseAddress } from '../../net/cidr.ts';

/** The arguments of a configuration line; true where it has none, false where the line stands with `no` before it. */
export const LineValue = z.union([z.string(), z.boolean()]);
export type LineValue = z.infer<typeof LineValue>;

/** Where a line stands: outside of every block, in `router bgp`, or in one of its address families, by that family's name. */
export type Level = 'global' | 'router' | { readonly family: string };

/** A line that cpaas understands, as an element: subject and attribute, and the value. */
export interface Element {
  readonly key: string;
  readonly value: LineValue;
}

interface Form {
  readonly at: readonly ('global' | 'router' | 'family')[];
  /** The line: `*` is a neighbor's address or a peer group's name, `<>` the value, `[<>]` a value that may be missing. */
  readonly line: string;
  /** How it is taken back when not by `no` before the whole line. */
  readonly undone?: 'without value';
}

/** Every line that cpaas understands. All others are opaque: nobody's elements, never touched. */
const FORMS: readonly Form[] = [
  { at: ['global'], line: 'bgp extended-asn-cap' },
  { at: ['global'], line: 'router bgp <>' },
  { at: ['router'], line: 'bgp router-id <>' },
  { at: ['router'], line: 'bgp log-neighbor-changes' },
  { at: ['router'], line: 'bgp graceful-restart restart-time <>' },
  { at: ['router'], line: 'bgp graceful-restart stalepath-time <>' },
  { at: ['router'], line: 'timers bgp <>' },
  { at: ['router'], line: 'neighbor * peer-group [<>]' },
  { at: ['router'], line: 'neighbor * remote-as <>' },
  { at: ['router'], line: 'neighbor * description <>', undone: 'without value' },
  { at: ['router'], line: 'neighbor * update-source <>' },
  { at: ['router'], line: 'neighbor * ebgp-multihop [<>]' },
  { at: ['router'], line: 'neighbor * timers <>' },
  { at: ['router', 'family'], line: 'neighbor * maximum-prefix <>' },
  { at: ['router', 'family'], line: 'neighbor * soft-reconfiguration <>' },
  { at: ['router', 'family'], line: 'neighbor * prefix-list <> in' },
  { at: ['router', 'family'], line: 'neighbor * prefix-list <> out' },
  { at: ['family'], line: 'neighbor * activate' },
];

interface Compiled extends Form {
  readonly words: readonly string[];
  readonly matches: RegExp;
  readonly hasKey: RegExp;
}

const compiled: readonly Compiled[] = FORMS.map((form) => {
  const words = form.line.split(' ');
  const last = words.length - 1;
  const pattern = words.map((word, at) => {
    const space = at === 0 ? '' : ' ';
    if (word === '[<>]') return '(?: (?<value>.+))?';
    if (word === '<>') return `${space}(?<value>${at === last ? '.+' : '\\S+'})`;
    return space + (word === '*' ? '(?<subject>\\S+)' : word);
  });
  const key = words.filter((word) => !word.includes('<>')).map((word) => (word === '*' ? '(\\S+)' : word));
  return { ...form, words, matches: new RegExp(`^${pattern.join('')}$`), hasKey: new RegExp(`^${key.join(' ')}$`) };
});

/** The word by which forms are told apart quickly: the attribute of a neighbor, the second word of others. */
const attribute = (words: readonly string[]): string =>
  words[0] === 'neighbor' ? `neighbor ${words[2]}` : `${words[0]} ${words[1]}`;
const index = new Map<string, readonly Compiled[]>();
for (const form of compiled) index.set(attribute(form.words), [...(index.get(attribute(form.words)) ?? []), form]);

/** Reads a line that stands at some level; nothing when it is not one of those that cpaas understands. */
export function parseLine(level: Level, line: string): Element | undefined {
  const negated = line.startsWith('no ');
  const plain = negated ? line.slice(3) : line;
  for (const form of index.get(attribute(plain.split(' ', 4))) ?? []) {
    if (!form.at.includes(typeof level === 'string' ? level : 'family')) continue;
    const match = form.matches.exec(plain);
    if (!match || (negated && form.line.includes('<>'))) continue;
    const { subject, value } = match.groups ?? {};
    const key = form.words
      .filter((word) => !word.includes('<>'))
      .map((word) => (word === '*' ? (subject ?? '') : word));
    return { key: prefixed(level, key.join(' ')), value: negated ? false : normal(form, value) };
  }
  return undefined;
}

/** AS numbers are compared as numbers, in whichever notation they are printed. */
function normal({ line }: Form, value: string | undefined): LineValue {
  if (value === undefined) return true;
  const isAsn = line === 'router bgp <>' || line === 'neighbor * remote-as <>';
  return isAsn ? `${parseAsn(value) ?? value}` : value;
}

/** Where an element stands, and its key without that. */
export function levelOf(key: string): { readonly level: Level; readonly plain: string } {
  const [, family, rest] = /^(ipv[46](?: multicast)?) (.*)$/.exec(key) ?? [];
  if (family !== undefined && rest !== undefined) return { level: { family }, plain: rest };
  return { level: form(key).at.includes('global') ? 'global' : 'router', plain: key };
}

const prefixed = (level: Level, key: string): string => (typeof level === 'string' ? key : `${level.family} ${key}`);

/** The line that makes an element, without its level. */
export function lineOf({ key, value }: Element): string {
  const { plain } = levelOf(key);
  const { words } = form(plain);
  const subject = plain.split(' ')[1] ?? '';
  const line = words
    .map((word) => (word === '*' ? subject : word.includes('<>') ? (typeof value === 'string' ? value : '') : word))
    .filter(Boolean)
    .join(' ');
  return value === false ? `no ${line}` : line;
}

/** The line that takes an element away. */
export function undoingLineOf({ key, value }: Element): string {
  const { plain } = levelOf(key);
  if (value === false) return lineOf({ key, value: true });
  return `no ${form(plain).undone ? plain : lineOf({ key, value })}`;
}

function form(plain: string): Compiled {
  const found = compiled.find(({ hasKey }) => hasKey.test(plain));
  if (!found) throw new Error(`not the key of a line that cpaas understands: ${plain}`);
  return found;
}

/** Whose attribute an element is: a neighbor's address or a peer group's name. */
export interface Subject {
  readonly name: string;
  readonly attribute: string;
  readonly isGroup: boolean;
}

/** Nothing for elements that are no neighbor's. */
export function subjectOf(key: string): Subject | undefined {
  const [, name, attribute] = /^(?:ipv[46](?: multicast)? )?neighbor (\S+) (.+)$/.exec(key) ?? [];
  if (name === undefined || attribute === undefined) return undefined;
  return { name, attribute, isGroup: parseAddress(name) === undefined };
}

/** Whether it is one of the lines that make a neighbor: without any of them there is none. */
export function makesNeighbor(key: string): boolean {
  const subject = subjectOf(key);
  return !!subject && !subject.isGroup && ['remote-as', 'peer-group'].includes(subject.attribute);
}

/**
 * What stands where a neighbor should be made another way: `remote-as 65000` where it should be a member of a group, `peer-group calico`
 * where it should have an AS of its own. Seen and taken away, never made.
 */
export const isRival = (value: LineValue): value is string =>
  typeof value === 'string' && /^(remote-as|peer-group) /.test(value);
