/** A Calico selector, compiled: says whether labels match. */
export type Selector = (labels: Readonly<Record<string, string>>) => boolean;

const TOKEN =
  /\s*(?:(&&|\|\||==|!=|[!(){},])|(not\s+in|in|contains|starts\s+with|ends\s+with)\b|(has|all|global)\s*\(|"([^"]*)"|'([^']*)'|([\w./-]+))/y;

type Token = { readonly kind: 'operator' | 'call' | 'text' | 'word'; readonly text: string };

/**
 * Reads a selector: `all()`, `has(k)`, `!has(k)`, `k == 'v'`, `k != "v"`, `k in {'a', 'b'}`, `k not in {…}`, `k contains 's'`,
 * `k starts with 's'`, `k ends with 's'`, `&&`, `||`, `!`, parentheses. An empty one matches everything.
 * @throws SyntaxError where it cannot be read
 */
export function parseSelector(text: string): Selector {
  if (text.trim() === '') return () => true;
  const tokens = tokenize(text);
  let position = 0;
  const peek = () => tokens[position];
  const take = (expected?: string): Token => {
    const token = tokens[position++];
    if (token === undefined || (expected !== undefined && token.text !== expected)) {
      throw new SyntaxError(`expected ${expected ?? 'a term'} in selector "${text}"`);
    }
    return token;
  };
  const follows = (operator: string) => {
    if (peek()?.kind !== 'operator' || peek()?.text !== operator) return false;
    position++;
    return true;
  };

  const either = (): Selector => {
    let left = both();
    while (follows('||')) left = or(left, both());
    return left;
  };
  const both = (): Selector => {
    let left = term();
    while (follows('&&')) left = and(left, term());
    return left;
  };
  const term = (): Selector => {
    if (follows('!')) return not(term());
    if (follows('(')) {
      const inner = either();
      take(')');
      return inner;
    }
    const token = take();
    if (token.kind === 'call') return call(token.text);
    if (token.kind !== 'word') throw new SyntaxError(`unexpected ${token.text} in selector "${text}"`);
    return comparison(token.text);
  };
  const call = (name: string): Selector => {
    if (name !== 'has') {
      take(')');
      return () => true;
    }
    const label = take().text;
    take(')');
    return (labels) => label in labels;
  };
  const comparison = (label: string): Selector => {
    const operator = take().text.replace(/\s+/g, ' ');
    if (operator === 'in' || operator === 'not in') {
      const values = set();
      return operator === 'in'
        ? (labels) => label in labels && values.includes(labels[label] ?? '')
        : (labels) => !(label in labels && values.includes(labels[label] ?? ''));
    }
    const value = literal();
    const test = COMPARISONS[operator];
    if (test === undefined) throw new SyntaxError(`unknown operator ${operator} in selector "${text}"`);
    return (labels) => test(labels[label], value);
  };
  const literal = (): string => {
    const token = take();
    if (token.kind !== 'text')
      throw new SyntaxError(`expected a quoted value, not ${token.text}, in selector "${text}"`);
    return token.text;
  };
  const set = (): readonly string[] => {
    take('{');
    const values: string[] = [];
    while (!follows('}')) {
      values.push(literal());
      follows(',');
    }
    return values;
  };

  const selector = either();
  if (position < tokens.length) throw new SyntaxError(`unexpected ${peek()?.text} in selector "${text}"`);
  return selector;
}

const COMPARISONS: Readonly<Record<string, (found: string | undefined, value: string) => boolean>> = {
  '==': (found, value) => found === value,
  '!=': (found, value) => found !== value,
  contains: (found, value) => found?.includes(value) ?? false,
  'starts with': (found, value) => found?.startsWith(value) ?? false,
  'ends with': (found, value) => found?.endsWith(value) ?? false,
};

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const match = TOKEN.exec(text);
    if (match === null) throw new SyntaxError(`cannot read selector "${text}"`);
    const [, operator, word, call, double, single, name] = match;
    if (call !== undefined) tokens.push({ kind: 'call', text: call });
    else if (double !== undefined || single !== undefined) tokens.push({ kind: 'text', text: double ?? single ?? '' });
    else if (name !== undefined) tokens.push({ kind: 'word', text: name });
    else tokens.push({ kind: 'operator', text: operator ?? word ?? '' });
  }
  return tokens;
}

const and =
  (a: Selector, b: Selector): Selector =>
  (labels) =>
    a(labels) && b(labels);
const or =
  (a: Selector, b: Selector): Selector =>
  (labels) =>
    a(labels) || b(labels);
const not =
  (a: Selector): Selector =>
  (labels) =>
    !a(labels);
