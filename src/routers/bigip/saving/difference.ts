import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import type { ContextDiff } from '../../../core/bgp-documents.ts';
import { type ConfigLine, ROUTER, type RouterConfig } from '../config/config.ts';
import { isConfigured, unsecret } from './saved.ts';

/** What two configurations are called in a diff. */
export interface Names {
  readonly from: string;
  readonly to: string;
}

/** Where two configurations differ, context by context: the same line may stand in several. The order of lines says nothing. */
export function differences(from: RouterConfig, to: RouterConfig, names: Names): readonly ContextDiff[] {
  const [one, other] = [byContext(from), byContext(to)];
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((context) => {
    const [before, after] = [one.get(context) ?? [], other.get(context) ?? []];
    const [had, has] = [new Set(before), new Set(after)];
    const removed = before.filter((line) => !has.has(line));
    const added = after.filter((line) => !had.has(line));
    if (removed.length + added.length === 0) return [];
    return [{ context, removed, added, patch: patchOf(context, before, ordered(after, before), names) }];
  });
}

function patchOf(context: string, before: readonly string[], after: readonly string[], { from, to }: Names): string {
  const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
  const patch = structuredPatch(
    `${from}: ${context}`,
    `${to}: ${context}`,
    text(before),
    text(after),
    undefined,
    undefined,
    { context: 3 },
  );
  return formatPatch(patch, FILE_HEADERS_ONLY);
}

/** Lines in the order of others, as far as they are among these; the rest where it stood. */
function ordered(lines: readonly string[], like: readonly string[]): readonly string[] {
  const [here, there] = [new Set(lines), new Set(like)];
  const common = like.filter((line) => here.has(line)).values();
  return lines.map((line) => (there.has(line) ? (common.next().value ?? line) : line));
}

/** The lines of each context, in order. What stands on any unit that nobody has configured is left out. */
function byContext({ lines }: RouterConfig): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of lines.filter(isConfigured)) {
    const context = contextOf(line);
    const own = found.get(context) ?? [];
    own.push(unsecret(line.text));
    found.set(context, own);
  }
  return found;
}

function contextOf({ context, text, element }: ConfigLine): string {
  if (context.startsWith(`${ROUTER} / `)) return `address-family ${context.slice(ROUTER.length + 3)}`;
  if (context === ROUTER || element?.key === ROUTER) return ROUTER;
  if (/^ip(v6)? prefix-list /.test(text)) return 'prefix-lists';
  return context || 'global';
}
