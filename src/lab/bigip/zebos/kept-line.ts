import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { KeptLine } from './config.ts';
import type { ConfigCommand } from './config-forms.ts';
import type { Word } from './grammar.ts';

/** A command that leaves a line in the configuration, or takes one out. */
export type Keeping = Extract<ConfigCommand, { does: 'keep' | 'default' }>;

/** The line as it is kept: keywords written out, without `no`. */
export function keptLine(words: readonly Word[], { rank, frr }: Keeping): KeptLine {
  const positive = words[0]?.text === 'no' ? words.slice(1) : words;
  const text = joined(positive);
  if (text === 'bgp graceful-restart') return { ...RESTART_TIME, rank, frr };
  const key = joined(positive.filter((word) => !word.value));
  return { text: text.endsWith(' ebgp-multihop') ? `${text} ${FARTHEST}` : text, key, rank, frr };
}

/** Hops of an `ebgp-multihop` that names none. [unverified] that it is printed */
const FARTHEST = 255;

const RESTART_TIME = { text: 'bgp graceful-restart restart-time 120', key: 'bgp graceful-restart restart-time' };

export function joined(words: readonly Word[]): string {
  return words.map((word) => (word.value ? word.text : spelled(word.text))).join(' ');
}

/** An IPv6 address in its shortest form, as every router prints it. */
export function spelled(word: string): string {
  return isIPv6(word) ? ipaddr.parse(word).toString() : word;
}
