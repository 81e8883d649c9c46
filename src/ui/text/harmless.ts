import { stripVTControlCharacters } from 'node:util';

/**
 * A text of unknown origin without anything that moves a cursor, recolours, rings, retitles the window or turns the direction of
 * writing round. Line feeds stay, tabs become spaces.
 */
export function harmlessText(text: string): string {
  return stripVTControlCharacters(text).replace(/\r\n?/g, '\n').replace(/\t/g, '  ').replace(invisible, '');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
const invisible = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The same on one line. */
export const oneLine = (text: string): string => harmlessText(text).replace(/\s*\n\s*/g, ' ');

/** Every string inside a document, its keys included, through a function. Functions, dates and errors are left out of documents. */
export function mapStrings<T>(value: T, change: (text: string) => string): T;
export function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key), mapStrings(item, change)]));
}
