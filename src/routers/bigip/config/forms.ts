/** The form of a line: what is its key, what its value, and how it is taken back. */
interface Form {
  readonly at: readonly ('global' | 'router' | 'family')[];
  /**
   * The line: `*` is a name (a neighbor's address, a peer group, a prefix-list and the number of an entry), `<>` the value, `[<>]` a value
   * that may be missing, `<secret>` a value that is never read: that it is there is all that is known.
   */
  readonly line: string;
  /** How it is taken back when not by `no` before the whole line. */
  readonly undone?: 'without value';
  /** What a value looks like, where lines begin alike that are not of this form. */
  readonly value?: RegExp;
}

/** Every line that cpaas understands. All others are opaque: nobody's elements, never touched. */
const FORMS: readonly Form[] = [
  { at: ['global'], line: 'bgp extended-asn-cap' },
  { at: ['global'], line: 'ip prefix-list * seq * <>' },
  { at: ['global'], line: 'ipv6 prefix-list * seq * <>' },
  { at: ['global'], line: 'router bgp <>', value: /[\d.]+/ },
  { at: ['router'], line: 'bgp router-id <>' },
  { at: ['router'], line: 'bgp log-neighbor-changes' },
  { at: ['router'], line: 'bgp graceful-restart restart-time <>' },
  { at: ['router'], line: 'bgp graceful-restart stalepath-time <>' },
  { at: ['router'], line: 'timers bgp <>' },
  { at: ['router'], line: 'neighbor * peer-group [<>]' },
  { at: ['router'], line: 'neighbor * remote-as <>' },
  { at: ['router'], line: 'neighbor * description <>', undone: 'without value' },
  { at: ['router'], line: 'neighbor * update-source <>', undone: 'without value' },
  { at: ['router'], line: 'neighbor * ebgp-multihop [<>]' },
  { at: ['router'], line: 'neighbor * password <secret>', undone: 'without value' },
  { at: ['router'], line: 'neighbor * timers connect <>', undone: 'without value' },
  { at: ['router'], line: 'neighbor * timers <>', undone: 'without value', value: /\d+ \d+/ },
  { at: ['router', 'family'], line: 'neighbor * maximum-prefix <>', undone: 'without value' },
  { at: ['router', 'family'], line: 'neighbor * soft-reconfiguration <>' },
  { at: ['router', 'family'], line: 'neighbor * prefix-list <> in' },
  { at: ['router', 'family'], line: 'neighbor * prefix-list <> out' },
  { at: ['router', 'family'], line: 'neighbor * activate' },
];

export interface CompiledForm extends Form {
  readonly words: readonly string[];
  /** Of a whole line; its groups are the names in their order, and `value`. */
  readonly matches: RegExp;
  readonly hasKey: RegExp;
}

export const isValue = (word: string): boolean => word.includes('<');

export const forms: readonly CompiledForm[] = FORMS.map((form) => {
  const words = form.line.split(' ');
  const last = words.length - 1;
  const pattern = words.map((word, at) => {
    const space = at === 0 ? '' : ' ';
    if (word === '[<>]') return '(?: (?<value>.+))?';
    if (isValue(word)) return `${space}(?<value>${form.value?.source ?? (at === last ? '.+' : '\\S+')})`;
    return space + (word === '*' ? '(\\S+)' : word);
  });
  const key = words.filter((word) => !isValue(word)).map((word) => (word === '*' ? '\\S+' : word));
  return { ...form, words, matches: new RegExp(`^${pattern.join('')}$`), hasKey: new RegExp(`^${key.join(' ')}$`) };
});

/** The words by which forms are told apart quickly: the attribute of a neighbor, the first two of others. */
const stem = (words: readonly string[]): string =>
  words[0] === 'neighbor' ? `neighbor ${words[2]}` : `${words[0]} ${words[1]}`;

const index = new Map<string, readonly CompiledForm[]>();
for (const form of forms) index.set(stem(form.words), [...(index.get(stem(form.words)) ?? []), form]);

/** The forms that a line may have. */
export const formsLike = (line: string): readonly CompiledForm[] => index.get(stem(line.split(' ', 4))) ?? [];
