import { type Element, isSecret, type Level, type LineValue, lineOf, parseLine } from './lines.ts';
import { type Printed, printed, written } from './printed.ts';

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
  /** The address families of `router bgp` by the contexts of their lines, as the device spells them. */
  readonly families?: ReadonlyMap<string, string>;
}

export const EMPTY: RouterConfig = { lines: [] };

/** Reads what `show running-config` prints, in any text that `printed` finds it in. */
export const parseConfig = (text: string): RouterConfig => configOf(printed(text));

/** Reads a file that daemons read. Nothing where its lines do not stand in their blocks: whose they are is not to be seen then. */
export function parseFile(text: string): RouterConfig | undefined {
  const found = written(text);
  return found.whole ? configOf(found) : undefined;
}

/**
 * Blocks begin at the first column and their lines are indented; address families are not indented deeper, they end with
 * `exit-address-family`.
 */
function configOf({ rows }: Printed): RouterConfig {
  const lines: ConfigLine[] = [];
  const families = new Map<string, string>();
  let block = '';
  /** How far the lines of a block are indented that is not known. */
  let margin: number | undefined;
  let family: string | undefined;
  for (const raw of rows) {
    const line = raw.trim();
    if (line.startsWith('!')) continue;
    if (!/^\s/.test(raw)) {
      [family, margin] = [undefined, undefined];
      block = PROCESS.test(line) ? ROUTER : line;
      lines.push(understood('', 'global', line));
    } else if (block !== ROUTER) {
      margin ??= raw.length - raw.trimStart().length;
      lines.push({ context: block, text: raw.slice(0, margin).trimStart() + raw.slice(margin) });
    } else if (line.startsWith('address-family ')) {
      family = familyOf(line);
      families.set(`${ROUTER} / ${family}`, line);
    } else if (line === 'exit-address-family') family = undefined;
    else if (family === undefined) lines.push(understood(ROUTER, 'router', line));
    else lines.push(understood(`${ROUTER} / ${family}`, { family }, line));
  }
  return { lines, ...(families.size > 0 ? { families } : {}) };
}

/** A view is a process of its own beside it, of which cpaas knows nothing. */
const PROCESS = /^router bgp [\d.]+$/;
export const ROUTER = 'router bgp';

/** Whose neighbor a line of `router bgp` is about. A VRF's are its own, whatever addresses they have: here they are nobody's. */
export const neighborIn = ({ context, text }: ConfigLine): string | undefined =>
  VRF.test(context) ? undefined : /^(?:no )?neighbor (\S+) /.exec(text)?.[1];
const VRF = / vrf \S+$/;

function understood(context: string, level: Level, text: string): ConfigLine {
  const element = parseLine(level, text);
  const clean = element?.value === true && isSecret(element.key) ? lineOf(element) : text;
  return { context, text: clean, ...(element ? { element } : {}) };
}

/** Which family a line enters; unicast goes without saying. */
export const familyOf = (line: string): string =>
  line.replace(/^address-family /, '').replace(/^(ipv[46]) unicast$/, '$1');

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
export function renderConfig({ lines, families = new Map() }: RouterConfig): string {
  const inside = (context: string) => lines.filter((line) => line.context === context).map(({ text }) => ` ${text}`);
  const further = lines.map(({ context }) => context).filter((each) => each.startsWith(`${ROUTER} / `));
  const router = [
    ...inside(ROUTER),
    ...[...new Set([...families.keys(), ...further])].flatMap((context) => [
      ' !',
      ` ${families.get(context) ?? `address-family ${context.slice(ROUTER.length + 3)}`}`,
      ...inside(context),
      ' exit-address-family',
    ]),
  ];
  // whoever types a file by hand may begin a block twice: all of it stands where it begins first
  const begun = new Set<string>();
  const blocks = lines
    .filter(({ context }) => context === '')
    .map(({ text, element }) => {
      const block = element?.key === ROUTER ? ROUTER : text;
      const own = begun.has(block) ? [] : block === ROUTER ? router : inside(block);
      begun.add(block);
      return [text, ...own, '!'];
    });
  return ['!', ...blocks.flat(), 'end', ''].join('\n');
}
