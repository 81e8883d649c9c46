import { type Block, type KeptLine, type RouterConfig, subjectOf, type ZebosConfig } from './config.ts';
import { type Printing, shown } from './printing.ts';

/** What `show running-config` prints: no header, one-space address families, the console lines at the end. */
export function runningConfig(config: ZebosConfig, printing?: Printing): string {
  return shown(savedConfig(config), printing);
}

/** The content of ZebOS.conf, which makes the same configuration again: `load` of its lines. */
export function savedConfig(config: ZebosConfig): string {
  const sections = [
    ['no service password-encryption'],
    ...config.globals.map((line) => [line.text]),
    ...config.blocks.filter((block) => block.text.startsWith('interface ')).map(blockText),
    ...(config.router === undefined ? [] : [routerText(config.router)]),
    ...(config.lists.length === 0 ? [] : [ranked(config.lists).map((line) => line.text)]),
    ...config.blocks.filter((block) => !block.text.startsWith('interface ')).map(blockText),
    ['line con 0', ' login', 'line vty 0 39', ' login'],
  ];
  return `!\n${sections.map((lines) => `${lines.join('\n')}\n!\n`).join('')}end\n\n`;
}

/** `show running-config router bgp`. [unverified] that the block stands between two `!`. */
export function runningRouter(config: ZebosConfig, printing?: Printing): string {
  const text = config.router === undefined ? '!\n' : `!\n${routerText(config.router).join('\n')}\n!\n`;
  return shown(text, printing);
}

function routerText(router: RouterConfig): readonly string[] {
  const family = router.ipv6 === undefined ? [] : familyText(router.ipv6);
  return [`router bgp ${router.as}`, ...ordered(router.lines).map((line) => ` ${line.text}`), ...family];
}

function familyText(lines: readonly KeptLine[]): readonly string[] {
  return [' !', ' address-family ipv6', ...ordered(lines).map((line) => ` ${line.text}`), ' exit-address-family'];
}

function blockText(block: Block): readonly string[] {
  return [block.text, ...block.lines.map((line) => ` ${line.text}`)];
}

/** Lines about BGP itself first, then groups, then neighbors: each with its lines together, in the order they were made. */
function ordered(lines: readonly KeptLine[]): readonly KeptLine[] {
  const own = ranked(lines.filter((line) => subjectOf(line.text) === undefined));
  const subjects = [...new Set(lines.flatMap((line) => subjectOf(line.text) ?? []))];
  const isGroup = (name: string) => /^[A-Za-z][^:]*$/.test(name);
  const inOrder = [...subjects.filter(isGroup), ...subjects.filter((name) => !isGroup(name))];
  return [...own, ...inOrder.flatMap((name) => ranked(lines.filter((line) => subjectOf(line.text) === name)))];
}

function ranked(lines: readonly KeptLine[]): readonly KeptLine[] {
  return [...lines].sort((a, b) => a.rank - b.rank);
}
