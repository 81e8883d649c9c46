import { type Element, isSecret, type Level, type LineValue, lineOf, parseLine } from './lines.ts';

/** One line of a running configuration. */
export interface ConfigLine {
  /** The block it stands in: empty outside of all, `router bgp`, `router bgp / ipv6`, or another block's first line. */
  readonly context: string;
  /** As printed, but for a neighbor's password. */
  readonly text: string;
  /** Nothing for lines that cpaas does not understand: nobody's, never touched. */
  readonly element?: Element;
}

/** A running configuration, as far as it was understood. Lines stand in the order in which they were printed. */
export interface RouterConfig {
  readonly lines: readonly ConfigLine[];
}

export const EMPTY: RouterConfig = { lines: [] };

/** What stands before the first line where vtysh prints it; ZebOS has no such header. */
const HEADER = /^(Building configuration\.\.\.|Current configuration:.*)$/;

/**
 * Reads what `show running-config` prints. Blocks begin at the first column and their lines are indented; address families are not
 * indented deeper, they end with `exit-address-family`. Takes any text.
 */
export function parseConfig(text: string): RouterConfig {
  const lines: ConfigLine[] = [];
  let block = '';
  let family: string | undefined;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '' || line.startsWith('!')) continue;
    if (!/^\s/.test(raw)) {
      family = undefined;
      if (line === 'end' || HEADER.test(line)) continue;
      block = line.startsWith('router bgp ') ? ROUTER : line;
      lines.push(understood('', 'global', line));
    } else if (block !== ROUTER) lines.push({ context: block, text: line });
    else if (line.startsWith('address-family ')) family = familyName(line.slice('address-family '.length));
    else if (line === 'exit-address-family') family = undefined;
    else if (family === undefined) lines.push(understood(ROUTER, 'router', line));
    else lines.push(understood(`${ROUTER} / ${family}`, { family }, line));
  }
  return { lines };
}

export const ROUTER = 'router bgp';

function understood(context: string, level: Level, text: string): ConfigLine {
  const element = parseLine(level, text);
  const clean = element?.value === true && isSecret(element.key) ? lineOf(element) : text;
  return { context, text: clean, ...(element ? { element } : {}) };
}

/** Unicast goes without saying. */
const familyName = (words: string): string => words.replace(/ unicast$/, '').trim();

/** A configuration is asked for its elements once for each of its neighbors, and there may be thousands. */
const elements = new WeakMap<readonly ConfigLine[], ReadonlyMap<string, LineValue>>();

/** The lines that cpaas understands, by key. */
export function elementsOf({ lines }: RouterConfig): ReadonlyMap<string, LineValue> {
  const known = elements.get(lines);
  if (known) return known;
  const found = new Map<string, LineValue>();
  for (const { element } of lines) if (element) found.set(element.key, element.value);
  elements.set(lines, found);
  return found;
}

/** The configuration as a device prints it, blocks once more together. */
export function renderConfig({ lines }: RouterConfig): string {
  const inside = (context: string) => lines.filter((line) => line.context === context).map(({ text }) => ` ${text}`);
  const families = [...new Set(lines.map(({ context }) => context))].filter((each) => each.startsWith(`${ROUTER} / `));
  const router = [
    ...inside(ROUTER),
    ...families.flatMap((context) => [
      ' !',
      ` address-family ${context.slice(ROUTER.length + 3)}`,
      ...inside(context),
      ' exit-address-family',
    ]),
  ];
  const blocks = lines
    .filter(({ context }) => context === '')
    .map(({ text, element }) => [text, ...(element?.key === ROUTER ? router : inside(text)), '!']);
  return ['!', ...blocks.flat(), 'end', ''].join('\n');
}
