import { z } from 'zod';
import { parseAsn } from '../../../net/asn.ts';
import { isAddress } from '../../../net/cidr.ts';
import { type CompiledForm, forms, formsLike, isValue } from './forms.ts';

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

/** Stands for a password in every line that is shown, kept or compared. Only what is typed has the password itself. */
export const PASSWORD = '<password>';

/** Whether an element is a password. */
export const isSecret = (key: string): boolean => key.endsWith(' password');

/** Those of which cpaas knows the lines; a VRF's, VPNv4's and the like are nobody's. */
const FAMILY = /^ipv[46](?: multicast)?$/;

/** Reads a line that stands at some level; nothing when it is not one of those that cpaas understands. */
export function parseLine(level: Level, line: string): Element | undefined {
  if (typeof level !== 'string' && !FAMILY.test(level.family)) return undefined;
  const negated = line.startsWith('no ');
  const plain = negated ? line.slice(3) : line;
  for (const form of formsLike(plain)) {
    if (!form.at.includes(typeof level === 'string' ? level : 'family')) continue;
    const match = form.matches.exec(plain);
    if (!match || (negated && form.words.some(isValue))) continue;
    const names = match.slice(1);
    const key = form.words.filter((word) => !isValue(word)).map((word) => (word === '*' ? names.shift() : word));
    return { key: prefixed(level, key.join(' ')), value: negated ? false : normal(form, match.groups?.['value']) };
  }
  return undefined;
}

/** AS numbers are compared as numbers, in whichever notation they are printed. */
function normal({ line, words }: CompiledForm, value: string | undefined): LineValue {
  if (value === undefined || words.includes('<secret>')) return true;
  const isAsn = line === 'router bgp <>' || line === 'neighbor * remote-as <>';
  return isAsn ? `${parseAsn(value) ?? value}` : value;
}

/** Where an element stands, and its key without that. */
export function levelOf(key: string): { readonly level: Level; readonly plain: string } {
  const [, family, rest] = /^(ipv[46](?: multicast)?) (neighbor .*)$/.exec(key) ?? [];
  if (family !== undefined && rest !== undefined) return { level: { family }, plain: rest };
  return { level: form(key).at.includes('global') ? 'global' : 'router', plain: key };
}

const prefixed = (level: Level, key: string): string => (typeof level === 'string' ? key : `${level.family} ${key}`);

/** The line that makes an element, without its level. */
export function lineOf({ key, value }: Element): string {
  const { plain } = levelOf(key);
  const names = plain.split(' ');
  const line = form(plain)
    .words.map((word) => (isValue(word) ? shown(word, value) : names.shift()))
    .filter(Boolean)
    .join(' ');
  return value === false ? `no ${line}` : line;
}

const shown = (word: string, value: LineValue): string =>
  word === '<secret>' ? PASSWORD : typeof value === 'string' ? value : '';

/** The line that takes an element away. */
export function undoingLineOf({ key, value }: Element): string {
  const { plain } = levelOf(key);
  if (value === false) return lineOf({ key, value: true });
  return `no ${form(plain).undone ? plain : lineOf({ key, value })}`;
}

function form(plain: string): CompiledForm {
  const found = forms.find(({ hasKey }) => hasKey.test(plain));
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
  return { name, attribute, isGroup: !isAddress(name) };
}

/** Whether it is one of the lines that make a neighbor: without any of them there is none. */
export function makesNeighbor(key: string): boolean {
  const subject = subjectOf(key);
  return !!subject && !subject.isGroup && ['remote-as', 'peer-group'].includes(subject.attribute);
}

/** The lines that make what this line says something of: its neighbor or group, or else the process. */
export function wholesOf(key: string): readonly string[] {
  const subject = subjectOf(key);
  if (!subject) return levelOf(key).level === 'router' ? ['router bgp'] : [];
  const makes = ['peer-group', 'remote-as'].map((attribute) => `neighbor ${subject.name} ${attribute}`);
  return makes.includes(key) ? [] : makes;
}

/**
 * What stands where a neighbor should be made another way: `remote-as 65000` where it should be a member of a group, `peer-group calico`
 * where it should have an AS of its own. Seen and taken away, never made.
 */
export const isRival = (value: LineValue): value is string =>
  typeof value === 'string' && /^(remote-as|peer-group) /.test(value);
