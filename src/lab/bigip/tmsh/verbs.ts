import { type Component, componentOf, isWhole } from './components.ts';
import { printed } from './print.ts';
import { listOf, type Objects, objectsOf, type Properties, type Value, withObject, withoutObject } from './store.ts';
import { type Assignment, assignments, type TmshWord } from './words.ts';

/** What a command came to: text, or a refusal, or other objects. */
export type TmshResult = { readonly text: string } | { readonly refused: string } | { readonly objects: Objects };

export function syntaxError(word: string): { readonly refused: string } {
  return { refused: `Syntax Error: unexpected argument "${word}"` };
}

/** `list`, `create`, `modify` and `delete` of configuration objects. */
export function onObjects(objects: Objects, verb: string, words: readonly TmshWord[]): TmshResult {
  const component = componentOf(words.map((word) => word.text));
  if (component === undefined) return syntaxError(words[words.length > 1 ? 1 : 0]?.text ?? verb);
  const rest = words.slice(component.path.split(' ').length);
  if (verb === 'list') return list(objects, component, rest);
  if (!component.verbs.some((each) => each === verb)) return syntaxError(component.path.split(' ').at(-1) ?? verb);
  const [first, ...after] = component.only === undefined ? rest : [{ text: component.only, quoted: false }, ...rest];
  if (first === undefined) return { refused: 'Syntax Error: "name" is missing' };
  const name = first.text.replace(/^\/Common\//, '');
  const existing = objectsOf(objects, component.path)[name];
  if (verb === 'create') {
    if (existing !== undefined)
      return {
        refused: `01020066:3: The requested ${component.title} (/Common/${name}) already exists in partition Common.`,
      };
    return put(objects, component, name, {}, after);
  }
  if (verb === 'modify') {
    return existing === undefined ? notFound(component, name) : put(objects, component, name, existing, after);
  }
  if (after[0] !== undefined) return syntaxError(after[0].text);
  const all = Object.keys(objectsOf(objects, component.path));
  return remove(objects, component, name === 'all' && existing === undefined ? all : [name]);
}

function remove(objects: Objects, component: Component, names: readonly string[]): TmshResult {
  let left = objects;
  for (const name of names) {
    if (objectsOf(left, component.path)[name] === undefined) return notFound(component, name);
    const refused = component.refuseEnd?.(left, name);
    if (refused !== undefined) return { refused };
    left = withoutObject(left, component.path, name);
  }
  return { objects: left };
}

function list(objects: Objects, component: Component, words: readonly TmshWord[]): TmshResult {
  const texts = words.map((word) => word.text).filter((word) => word !== 'all-properties');
  const oneLine = texts.includes('one-line');
  const all = objectsOf(objects, component.path);
  const known = new Set([...Object.keys(component.properties), ...Object.values(all).flatMap(Object.keys)]);
  const rest = texts.filter((word) => word !== 'one-line');
  const named = rest.filter((word, index) => index > 0 || known.has(word));
  const only = rest[0] !== undefined && !known.has(rest[0]) ? rest[0].replace(/^\/Common\//, '') : undefined;
  const unknown = named.find((word) => !known.has(word));
  if (unknown !== undefined) return syntaxError(unknown);
  if (only !== undefined && all[only] === undefined) return notFound(component, only);
  const shown = Object.entries(all).filter(([name]) => only === undefined || name === only);
  const { path, status } = component;
  const notice = status ? `[api-status-warning] ${path.replaceAll(' ', '/')} is ${status}\n` : '';
  return {
    text: notice + shown.map(([name, properties]) => printed(path, name, chosen(properties, named), oneLine)).join(''),
  };
}

/** All that has a value; or just what was asked for, with `none` where it has none. */
function chosen(properties: Properties, named: readonly string[]): Properties {
  if (named.length > 0) return Object.fromEntries(named.map((name) => [name, properties[name] ?? 'none']));
  return Object.fromEntries(
    Object.entries(properties).filter(([, value]) => typeof value === 'string' || listOf(value).length > 0),
  );
}

function put(
  objects: Objects,
  component: Component,
  name: string,
  from: Properties,
  words: readonly TmshWord[],
): TmshResult {
  const braces = words[0]?.text === '{' && words.at(-1)?.text === '}';
  const given = assignments(braces ? words.slice(1, -1) : words);
  if ('unexpected' in given) return syntaxError(given.unexpected);
  let next: Properties = from;
  for (const assignment of given) {
    const made = assigned(component, next, assignment);
    if ('refused' in made) return made;
    const { value } = made;
    const { [assignment.property]: _old, ...others } = next;
    next = value === undefined ? others : { ...others, [assignment.property]: value };
  }
  const refused = component.refuse?.(objects, name, next);
  return refused === undefined ? { objects: withObject(objects, component.path, name, next) } : { refused };
}

function assigned(
  component: Component,
  from: Properties,
  { property, how, value }: Assignment,
): { readonly value: Value | undefined } | { readonly refused: string } {
  const spec = component.properties[property];
  if (spec === undefined) return syntaxError(property);
  if (!spec.list) {
    if (typeof value !== 'string') return syntaxError('{');
    if (value === 'none') return { value: undefined };
    const spelled = spec.spelled(value);
    return spelled === undefined ? invalid(property, value) : { value: spelled };
  }
  if (isWhole(value)) return { value: value === 'default' ? ['default'] : value === 'all' ? 'all' : [] };
  const members = (typeof value === 'string' ? [value] : value).map((each) => ({ each, spelled: spec.spelled(each) }));
  const wrong = members.find(({ spelled }) => spelled === undefined);
  if (wrong !== undefined) return invalid(property, wrong.each);
  const spelled = members.flatMap((member) => member.spelled ?? []);
  const present = listOf(from[property]);
  switch (how) {
    case 'set':
    case 'replace-all-with':
      return { value: [...new Set(spelled)].sort() };
    case 'add':
      // To an `all` nothing can be added; what the real one says is not known. [unverified]
      if (from[property] === 'all') return { value: 'all' };
      return { value: [...new Set([...present, ...spelled])].sort() };
    case 'delete': {
      const missing = spelled.find((each) => !present.includes(each));
      if (missing !== undefined)
        return { refused: `01020036:3: The requested ${property} (${missing}) was not found.` };
      return { value: present.filter((each) => !spelled.includes(each)) };
    }
  }
}

function invalid(property: string, value: string): { readonly refused: string } {
  return { refused: `01070734:3: Configuration error: invalid ${property} "${value}"` };
}

function notFound(component: Component, name: string): TmshResult {
  return { refused: `01020036:3: The requested ${component.title} (/Common/${name}) was not found.` };
}
