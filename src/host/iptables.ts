import { contains, overlaps } from '../net/cidr.ts';

/** One rule as `iptables-save` prints it, taken apart as far as order and effect need it. */
export interface Rule {
  readonly table: string;
  readonly chain: string;
  /** All after `-A CHAIN`, quoted in one way: what `-I` and `-D` take. */
  readonly spec: string;
  readonly source?: Condition;
  readonly destination?: Condition;
  /** Interfaces. A name may end with `+`, for all that begin so. */
  readonly input?: Condition;
  readonly output?: Condition;
  readonly comment?: string;
  /** ACCEPT, MASQUERADE, or the chain jumped to. */
  readonly target?: string;
  /** It has conditions or options beyond these, such as a port. */
  readonly more: boolean;
}
interface Condition {
  readonly value: string;
  readonly not: boolean;
}

export interface RuleSet {
  /** In order of evaluation within each chain. */
  readonly rules: readonly Rule[];
  /** `filter DOCKER-USER`. */
  readonly chains: ReadonlySet<string>;
}

/** Reads what `iptables-save` prints, of either flavour. Counters and comments of the dump are left out. */
export function parseRules(save: string): RuleSet {
  const rules: Rule[] = [];
  const chains = new Set<string>();
  let table = '';
  for (const line of save.split('\n')) {
    const [, chain, spec] = /^(?:\[\d+:\d+\] )?-A (\S+) ?(.*)$/.exec(line) ?? [];
    if (line.startsWith('*')) table = line.slice(1).trim();
    else if (line.startsWith(':')) chains.add(`${table} ${line.slice(1).split(' ', 1)[0]}`);
    else if (chain !== undefined && spec !== undefined) rules.push(parseRule(table, chain, spec));
  }
  return { rules, chains };
}

const conditions = { '-s': 'source', '-d': 'destination', '-i': 'input', '-o': 'output' } as const;

export function parseRule(table: string, chain: string, spec: string): Rule {
  const tokens = tokenize(spec);
  const found: { -readonly [Field in keyof Rule]?: Rule[Field] } = {};
  let more = false;
  let not = false;
  for (let at = 0; at < tokens.length; at++) {
    const [token = '', next = ''] = tokens.slice(at, at + 2);
    if (token === '!') {
      not = true;
      continue;
    }
    if (token in conditions) {
      const field = conditions[token as keyof typeof conditions];
      found[field] = { value: field === 'source' || field === 'destination' ? withoutHostLength(next) : next, not };
      at++;
    } else if (token === '--comment' || token === '-j' || token === '-g') {
      found[token === '--comment' ? 'comment' : 'target'] = next;
      at++;
    } else if (token === '-m' && next === 'comment') at++;
    else more = true;
    not = false;
  }
  return { table, chain, spec: tokens.map(quoted).join(' '), more, ...found };
}

/** Whether every packet that `mine` is about is also one of `theirs`. */
export function covers(theirs: Rule, mine: Rule): boolean {
  return (
    !theirs.more &&
    addressCovers(theirs.source, mine.source) &&
    addressCovers(theirs.destination, mine.destination) &&
    interfaceCovers(theirs.input, mine.input) &&
    interfaceCovers(theirs.output, mine.output)
  );
}

/** Whether one packet could be what both rules are about. */
export function meets(one: Rule, other: Rule): boolean {
  return (
    addressMeets(one.source, other.source) &&
    addressMeets(one.destination, other.destination) &&
    interfaceMeets(one.input, other.input) &&
    interfaceMeets(one.output, other.output)
  );
}

type Perhaps = Condition | undefined;

const addressCovers = (theirs: Perhaps, mine: Perhaps): boolean => {
  if (!theirs) return true;
  if (!mine || mine.not) return false;
  return theirs.not ? !overlaps(theirs.value, mine.value) : contains(theirs.value, mine.value);
};

const interfaceCovers = (theirs: Perhaps, mine: Perhaps): boolean => {
  if (!theirs) return true;
  if (!mine || mine.not) return false;
  return names(theirs.value, mine.value) !== theirs.not;
};

const addressMeets = (one: Perhaps, other: Perhaps): boolean => {
  if (!one || !other || (one.not && other.not)) return true;
  if (one.not) return !contains(one.value, other.value);
  if (other.not) return !contains(other.value, one.value);
  return overlaps(one.value, other.value);
};

const interfaceMeets = (one: Perhaps, other: Perhaps): boolean => {
  if (!one || !other || (one.not && other.not)) return true;
  if (one.not || other.not) return !(one.not ? names(one.value, other.value) : names(other.value, one.value));
  return names(one.value, other.value) || names(other.value, one.value);
};

const names = (pattern: string, name: string): boolean =>
  pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

/** `10.10.2.20/32` as `10.10.2.20`: saved rules have the length, those that people write have not. */
const withoutHostLength = (address: string): string => address.replace(/\/32$/, '');

/** Splits as iptables-restore does: double quotes hold a word together, a backslash inside them takes the next character as it is. */
function tokenize(spec: string): readonly string[] {
  const words = spec.match(/"(?:\\.|[^"\\])*"|\S+/g) ?? [];
  return words.map((word) => (word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word));
}

const quoted = (word: string): string =>
  /^[\w!.,:/@%=+-]+$/.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&')}"`;
