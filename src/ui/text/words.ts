import type { ElementChange } from '../../core/step.ts';

/** `1 node`, `4 nodes`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function and(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** Why something changes, where it is not simply what the file asks for. */
export function remark({ cause, from }: Pick<ElementChange, 'cause'> & { readonly from?: unknown }): string {
  if (cause === 'drift') return from === undefined ? ' (gone since cpaas set it)' : ' (changed since cpaas set it)';
  return cause === 'unfinished' ? ' (a run was cut off here)' : '';
}
