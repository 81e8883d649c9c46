import type { Properties, Value } from './store.ts';

/** Values of variables stand in quotes, whatever they are. */
const QUOTED = 'sys db';

/** An object as `tmsh list` prints it: properties by name, lists one member a line; or everything on one line. */
export function printed(component: string, name: string, properties: Properties, oneLine: boolean): string {
  const title = `${component} ${name}`;
  const entries = Object.entries(properties)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [key, component === QUOTED ? JSON.stringify(value) : value] as const);
  if (oneLine) return `${title} { ${entries.map(([key, value]) => `${key} ${inline(value)} `).join('')}}\n`;
  return `${title} {\n${entries.map(([key, value]) => `    ${key} ${block(value)}\n`).join('')}}\n`;
}

function inline(value: Value): string {
  if (typeof value === 'string') return word(value);
  return value.length === 0 ? 'none' : `{ ${value.map(word).join(' ')} }`;
}

function block(value: Value): string {
  if (typeof value === 'string') return word(value);
  return value.length === 0 ? 'none' : `{\n${value.map((each) => `        ${word(each)}\n`).join('')}    }`;
}

function word(text: string): string {
  if (/^"[^"]*"$/.test(text)) return text;
  return /[\s"{}]/.test(text) || text === '' ? JSON.stringify(text) : text;
}
