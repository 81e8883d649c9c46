/** Tables in the order a packet meets them. */
export const TABLES = ['raw', 'nat', 'filter'] as const;
export type TableName = (typeof TABLES)[number];

/** Packet filter rules of one owner in one table. Rules are spelled exactly as `iptables-save` prints them: `-A FORWARD -j DOCKER-USER`. */
export interface TableRules {
  readonly chains: readonly string[];
  readonly rules: readonly string[];
  /** What becomes of packets that reach the end of a built-in chain. Set once: afterwards it is the machine owner's. */
  readonly policies?: Readonly<Record<string, 'ACCEPT' | 'DROP'>>;
}
export type RuleSet = Readonly<Partial<Record<TableName, TableRules>>>;

const NOTHING: TableRules = { chains: [], rules: [] };

interface Amendment {
  /** What `iptables-save` printed. */
  readonly saved: string;
  /** The owner's rules as they were meant before. */
  readonly before: RuleSet;
  readonly wanted: RuleSet;
  /** Whether the policies are set too. */
  readonly policies: boolean;
}

/**
 * Input for `iptables-restore --noflush` that leaves the owner's rules as wanted and every other rule alone; nothing when they are
 * so already. The rules of a chain that are not all there, in their order, are appended anew, as Docker does at its start.
 */
export function amend({ saved, before, wanted, policies }: Amendment): string | undefined {
  const there = parse(saved);
  const texts = TABLES.flatMap((table) => {
    const seen = there.get(table) ?? NOTHING;
    const lines = amendTable(seen, before[table] ?? NOTHING, wanted[table] ?? NOTHING, policies);
    return lines.length > 0 ? [`*${table}`, ...lines, 'COMMIT'] : [];
  });
  return texts.length > 0 ? `${texts.join('\n')}\n` : undefined;
}

function amendTable(seen: TableRules, before: TableRules, wanted: TableRules, policies: boolean): readonly string[] {
  // Naming a chain that exists would empty it, even with --noflush.
  const newChains = wanted.chains.filter((chain) => !seen.chains.includes(chain)).map((chain) => `:${chain} - [0:0]`);
  const set = Object.entries((policies && wanted.policies) || {}).map(([chain, policy]) => `:${chain} ${policy} [0:0]`);

  const unwanted = seen.rules.filter((rule) => before.rules.includes(rule) && !wanted.rules.includes(rule));
  const standing = (rules: readonly string[]) => seen.rules.filter((rule) => rules.includes(rule));
  const broken = byChain(wanted.rules).filter((rules) => standing(rules).join('\n') !== rules.join('\n'));
  const left = seen.rules.filter((rule) => !unwanted.includes(rule));
  // A chain that holds somebody's rules stays, though nothing leads to it any more.
  const oldChains = before.chains.filter(
    (chain) =>
      seen.chains.includes(chain) &&
      !wanted.chains.includes(chain) &&
      !left.some((rule) => chainOf(rule) === chain || rule.endsWith(`-j ${chain}`)),
  );
  return [
    ...set,
    ...newChains,
    ...[...unwanted, ...broken.flatMap(standing)].map((rule) => rule.replace(/^-A/, '-D')),
    ...broken.flat(),
    ...oldChains.map((chain) => `-X ${chain}`),
  ];
}

/** The tables of an `iptables-save`, chains and rules. */
function parse(saved: string): ReadonlyMap<string, TableRules> {
  const tables = new Map<string, { chains: string[]; rules: string[] }>();
  let table = { chains: [] as string[], rules: [] as string[] };
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) {
      table = { chains: [], rules: [] };
      tables.set(line.slice(1), table);
    } else if (line.startsWith(':')) table.chains.push(line.slice(1, line.indexOf(' ')));
    else if (line.startsWith('-A')) table.rules.push(line);
  }
  return tables;
}

const byChain = (rules: readonly string[]): readonly (readonly string[])[] =>
  [...new Set(rules.map(chainOf))].map((chain) => rules.filter((rule) => chainOf(rule) === chain));

const chainOf = (rule: string): string => rule.split(' ')[1] ?? '';
