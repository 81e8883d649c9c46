import { at, type KubeObject } from './object.ts';
import { badRequest } from './status.ts';

export type Matcher = (object: KubeObject) => boolean;

const EXISTENCE = /^(!?)\s*([\w./-]+)$/;
const EQUALITY = /^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$/;
const SET = /^([\w./-]+)\s+(in|notin)\s+\(([^)]*)\)$/;

/** Matcher of a `labelSelector` as kubectl writes it: `a=b,c!=d,e in (f,g),!h`. */
export function labelSelector(text: string | null): Matcher {
  const terms = split(text).map(labelTerm);
  return (object) => terms.every((term) => term(object.metadata.labels ?? {}));
}

/** Matcher of a `fieldSelector`: `metadata.name=x,spec.nodeName!=y`. */
export function fieldSelector(text: string | null): Matcher {
  const terms = split(text).map((term) => {
    const match = /^([\w.]+)(==|=|!=)(.*)$/.exec(term);
    if (match === null) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
    const [, path = '', operator, value] = match;
    return (object: KubeObject) => (String(at(object, ...path.split('.')) ?? '') === value) === (operator !== '!=');
  });
  return (object) => terms.every((term) => term(object));
}

/** Commas inside parentheses do not separate. */
const split = (text: string | null) =>
  (text ?? '')
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');

function labelTerm(term: string): (labels: Readonly<Record<string, string>>) => boolean {
  const existence = EXISTENCE.exec(term);
  if (existence !== null) {
    const [, not, key = ''] = existence;
    return (labels) => key in labels === (not === '');
  }
  const equality = EQUALITY.exec(term);
  if (equality !== null) {
    const [, key = '', operator, value] = equality;
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const set = SET.exec(term);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return (labels) => (key in labels && values.includes(labels[key] ?? '')) === (operator === 'in');
  }
  throw badRequest(`unable to parse requirement: found '${term}'`);
}
