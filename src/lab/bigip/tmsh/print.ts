import { isList, type Properties, type Value } from './store.ts';

/** Values of variables stand in quotes, whatever they are. */
const QUOTED = 'sys db';
const INDENT = '    ';

/** An object as `tmsh list` prints it: properties by name, lists one member a line; or everything on one line. */
export function printed(component: string, name: string, properties: Properties, oneLine: boolean): string {
  const shown = component === QUOTED ? quoted(properties) : properties;
  const title = name === '' ? component : `${component} ${name}`;
  return `${title} ${oneLine ? inline(shown) : block(shown, '')}\n`;
}

function quoted(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, JSON.stringify(value)]));
}

function inline(value: Value): string {
  if (typeof value === 'string') return word(value);
  if (isList(value)) return value.length === 0 ? 'none' : `{ ${value.map(word).join(' ')} }`;
  return `{ ${sorted(value)
    .map(([key, each]) => `${key} ${inline(each)} `)
    .join('')}}`;
}

function block(value: Value, indent: string): string {
  const inner = indent + INDENT;
  if (typeof value === 'string') return word(value);
  if (isList(value)) {
    return value.length === 0 ? 'none' : `{\n${value.map((each) => `${inner}${word(each)}\n`).join('')}${indent}}`;
  }
  const lines = sorted(value).map(([key, each]) => `${inner}${key} ${block(each, inner)}\n`);
  return lines.length === 0 ? '{ }' : `{\n${lines.join('')}${indent}}`;
}

function sorted(properties: Properties): readonly (readonly [string, Value])[] {
  return Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1));
}

function word(text: string): string {
  if (/^"[^"]*"$/.test(text)) return text;
  return /[\s"{}]/.test(text) || text === '' ? JSON.stringify(text) : text;
}
