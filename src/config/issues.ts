import type { z } from 'zod';
import { formatPath, type Path, valueAt } from './path.ts';
import type { Finding } from './problems.ts';
import { ClusterFile } from './schema.ts';
import { homesOf, keysAt } from './shape.ts';
import { nearest } from './spelling.ts';

type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  object: 'a map of fields',
  record: 'a map of fields',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** Says what zod found in words for the person who wrote the file. `source` gives a value as its text has it. */
export function findingsOf(
  issue: Issue,
  data: unknown,
  source: (path: Path) => string | undefined,
): readonly Finding[] {
  const path = issue.path as Path;
  const error = (message: string): Finding => ({ path, message, severity: 'error' });
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: unknownKey(key, path),
      severity: 'error',
      at: 'key',
    }));
  const value = valueAt(data, path);
  if (value === undefined && path.length > 0) return [error(missing(issue))];
  if (value === null) return [error(empty(issue))];
  if (issue.code === 'invalid_key') return [{ ...error(issue.issues[0]?.message ?? issue.message), at: 'key' }];
  return [error(wrong(issue, value, source(path)))];
}

function missing(issue: Issue): string {
  return issue.code === 'invalid_value' ? `is missing: write ${choice(issue.values)}` : 'is missing';
}

function empty(issue: Issue): string {
  if (issue.code === 'invalid_type' && issue.expected === 'object')
    return 'is empty: write {} to take its defaults, or leave it out';
  return 'is empty: give a value, or leave it out';
}

function unknownKey(key: string, path: Path): string {
  const near = nearest(key, keysAt(ClusterFile, path));
  if (near !== undefined) return `there is no such field: did you mean ${near}?`;
  const here = formatPath(path).replace(/\[\d+\]/g, '[]');
  const homes = homesOf(key, ClusterFile);
  const home = homes.find((at) => at.startsWith(here)) ?? (homes.length === 1 ? homes[0] : undefined);
  if (home !== undefined) return `there is no such field here: it belongs into ${home || 'the top of the file'}`;
  const known = keysAt(ClusterFile, path);
  return known.length > 0 ? `there is no such field: known here are ${known.join(', ')}` : 'there is no such field';
}

function wrong(issue: Issue, value: unknown, text: string | undefined): string {
  switch (issue.code) {
    case 'invalid_type':
      return mistyped(issue.expected, value, text);
    case 'invalid_value':
      return noChoice(issue.values, value, text);
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return issue.origin === 'string'
        ? `is longer than ${issue.maximum} characters`
        : `must be at most ${issue.maximum}`;
    case 'invalid_union':
      return issue.message === 'Invalid input' ? `${kindOf(value)} cannot stand here` : issue.message;
    case 'invalid_format':
      return issue.message.startsWith('Invalid ') ? `${JSON.stringify(value)} cannot stand here` : issue.message;
    default:
      return issue.message;
  }
}

function mistyped(expected: string, value: unknown, text: string | undefined): string {
  const scalar = typeof value === 'number' || typeof value === 'boolean';
  if (expected === 'string' && scalar)
    return `must be text: put it in quotes, "${text ?? value}", or YAML reads ${kindOf(value)}`;
  if (expected === 'int' && typeof value === 'number') return `must be a whole number, not ${text ?? value}`;
  if (expected === 'boolean' && typeof value === 'string') return `must be true or false, not ${JSON.stringify(value)}`;
  return `must be ${KINDS[expected] ?? expected}, not ${kindOf(value)}`;
}

function noChoice(values: readonly unknown[], value: unknown, text: string | undefined): string {
  if (text !== undefined && typeof value !== 'string' && values.includes(text))
    return `put it in quotes, "${text}", or YAML reads ${kindOf(value)}`;
  const texts = values.filter((option) => typeof option === 'string');
  const near = typeof value === 'string' ? nearest(value, texts) : undefined;
  const shown = typeof value === 'string' ? JSON.stringify(value) : (text ?? kindOf(value));
  const meant = near !== undefined && values.length > 1 ? `: did you mean ${near}?` : '';
  return `must be ${choice(values)}, not ${shown}${meant}`;
}

function tooSmall(issue: Issue & { readonly code: 'too_small' }): string {
  if (issue.origin === 'array') return `needs at least ${issue.minimum}`;
  return issue.origin === 'string' ? 'is empty: give a text, or leave it out' : `must be at least ${issue.minimum}`;
}

const choice = (values: readonly unknown[]): string =>
  values.length === 1 ? `${values[0]}` : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map of fields';
  return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'a number' : `${value}`;
}
