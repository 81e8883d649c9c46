import { setTimeout as pause } from 'node:timers/promises';
import type { Writer } from '../../../core/context.ts';
import { CpaasError } from '../../../core/errors.ts';
import { imish, imishShell } from '../../../drivers/imish.ts';
import { Shell } from '../../../drivers/shell.ts';
import type { Reveal } from '../config/passwords.ts';
import type { RouteDomainPlace } from '../place.ts';
import { DAEMON_DEADLINE, daemonDown, daemonState, NOT_RUNNING } from './running.ts';

type Where = Pick<RouteDomainPlace, 'host' | 'routeDomain'>;
const SOON = 250;

interface Typing {
  /** Asked before each line; throws when it must not be typed any more. */
  readonly before?: () => void;
  /** Told how many lines were accepted. */
  readonly accepted?: (lines: number) => void;
  /** What is typed for a line; errors name the line itself. */
  readonly reveal?: Reveal;
  /** Whether a line that is refused is passed over: what is taken back may not have been made. */
  readonly goOn?: boolean;
}

/**
 * Types lines in imish's configuration mode, one after the other, and stops at the first that is not accepted without a word. Rejects with `BGP.REFUSED`, naming the line and the answer, `BGP.ROUTE_DOMAIN`, `BGP.DAEMON`, or
 * as `Shell` does.
 */
export async function configure(
  ctx: Writer,
  where: Where,
  lines: readonly string[],
  { before = () => {}, accepted = () => {}, reveal = (line) => line, goOn = false }: Typing = {},
): Promise<void> {
  const unit = ctx.host(where.host);
  const shell = await begin(await unit.open(imishShell(where.routeDomain)), unit.name, where.routeDomain);
  try {
    await shell.enter('configure');
    for (const [at, line] of lines.entries()) {
      before();
      await type(shell, line, reveal(line), () => daemonState(unit), where.routeDomain, ctx.signal).catch((error) => {
        if (!goOn || !(error instanceof CpaasError) || error.code !== 'BGP.REFUSED') throw error;
      });
      accepted(at + 1);
    }
    await shell.enter('enable');
  } finally {
    shell.close();
  }
}

/** The lines of a conversation as a person would type them. */
export const typed = (lines: readonly string[]): string =>
  ['enable', 'configure terminal', ...lines, 'end', ''].join('\n');

async function begin(stream: Parameters<typeof Shell.open>[0], name: string, routeDomain: number): Promise<Shell> {
  const shell = await Shell.open(stream, imish, { name }).catch((error: unknown) => {
    throw explained(error, name, routeDomain);
  });
  if (Number(shell.told['routeDomain']) === routeDomain) return shell;
  shell.close();
  throw new CpaasError('BGP.ROUTE_DOMAIN', `${name}: imish is in another route domain than ${routeDomain}`, {
    evidence: [{ label: 'prompt of', text: `route domain ${shell.told['routeDomain']}` }],
  });
}

/** Where BGP is off imish says so and ends. */
function explained(error: unknown, name: string, routeDomain: number): unknown {
  const words = error instanceof CpaasError ? error.evidence.map(({ text }) => text).join('\n') : '';
  if (!NOT_RUNNING.test(words)) return error;
  return new CpaasError('BGP.NOT_ENABLED', `${name}: dynamic routing is not enabled on route domain ${routeDomain}`, {
    cause: error,
    evidence: [{ label: 'answer', text: words }],
    next: [{ label: 'enables it, with everything else', command: 'cpaas up' }],
  });
}

async function type(
  shell: Shell,
  line: string,
  revealed: string,
  state: () => Promise<string>,
  routeDomain: number,
  signal: AbortSignal,
): Promise<void> {
  const expected = modeAfter(line, shell.mode);
  const end = Date.now() + DAEMON_DEADLINE;
  for (;;) {
    const { text, mode } = await shell.send(revealed);
    if (text.trim() === '' && mode === expected) return;
    if (!NOT_RUNNING.test(text)) throw refused(shell, line, text, mode);
    if (Date.now() >= end) throw daemonDown(shell.name, routeDomain, text, await state());
    await pause(SOON, undefined, { signal });
  }
}

/** Where a line leads that is accepted. */
function modeAfter(line: string, mode: string): string {
  if (/^router bgp /.test(line)) return 'router';
  if (/^address-family /.test(line)) return 'family';
  if (line === 'exit-address-family') return 'router';
  if (line === 'exit') return 'configure';
  return mode;
}

const refused = (shell: Shell, line: string, text: string, mode: string): CpaasError =>
  new CpaasError('BGP.REFUSED', `${shell.name} refused a line of the change`, {
    evidence: [
      { label: 'line', text: line },
      { label: 'answer', text: text.trim() || `(nothing, and stayed in ${mode} mode)` },
    ],
    next: [
      { label: 'goes on from here', command: 'cpaas up' },
      { label: 'undoes this run', command: 'cpaas rollback' },
    ],
  });
