import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Dialect } from '../zebos/dialect.ts';
import { type Imi, ImishSession, type Said } from '../zebos/session.ts';
import type { Call } from './call.ts';
import { Console, type Echo } from './console.ts';

/** What imish needs of the unit beyond a route domain's ZebOS. */
export interface ImishHost {
  /** The route domain's ZebOS; nothing while it has no routing protocol. */
  imi(routeDomain: number): Imi | undefined;
  /** After every command that was carried out. */
  commandDone(call: Call, command: string): Promise<void>;
  readonly behaviour: Dialect & Echo & { readonly lastCharacterLoss: boolean; readonly execKeepsMode: boolean };
}

/** Lines of a page where no terminal says how many. */
const PAGE = 24;

interface Flags {
  readonly routeDomain: number;
  readonly commands: readonly string[];
  readonly file?: string;
}

/** The program: `imish [-r N] [-e COMMAND]… [-f FILE]`. Its exit code says nothing about the commands. */
export async function imish(call: Call, host: ImishHost): Promise<number> {
  const flags = parse(call.args);
  if (typeof flags === 'string') {
    call.err(flags);
    return 1;
  }
  // Needs a terminal type even for -e; the text is that of curses. [unverified]
  if (call.term === '') {
    call.err('Error opening terminal: unknown.\n');
    return 1;
  }
  const imi = host.imi(flags.routeDomain);
  if (imi === undefined) {
    // Only the first words are known. [unverified]
    call.err(`Dynamic routing is not enabled for route domain ${flags.routeDomain}.\n`);
    return 1;
  }
  if (flags.commands.length > 0) await commands(call, host, imi, flags.commands);
  else if (flags.file !== undefined) await file(call, host, imi, flags.file);
  else await conversation(call, host, imi);
  return 0;
}

/** Each -e runs in privileged exec mode and leaves no mode behind, unless the unit is one where they share a session. */
async function commands(call: Call, host: ImishHost, imi: Imi, lines: readonly string[]): Promise<void> {
  const dialect = host.behaviour;
  const shared = new ImishSession(imi, 'enable', dialect);
  for (const line of lines) {
    const session = dialect.execKeepsMode ? shared : new ImishSession(imi, 'enable', dialect);
    call.out((await session.line(line, 0)).text);
    await host.commandDone(call, line);
  }
}

/** Starts in configuration mode and goes on after errors. Some releases lose the last character of each line. */
async function file(call: Call, host: ImishHost, imi: Imi, path: string): Promise<void> {
  const absolute = isAbsolute(path) ? path : join(call.cwd, path);
  const text = await readFile(`/proc/${call.pid}/root${absolute}`, 'utf8').catch(() => undefined);
  if (text === undefined) return call.err(`% Can't open file ${path}\n`);
  const { behaviour } = host;
  const session = new ImishSession(imi, 'config', behaviour);
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const { text: said, over } = await session.line(behaviour.lastCharacterLoss ? line.slice(0, -1) : line, 0);
    call.out(said);
    await host.commandDone(call, line);
    if (over) return;
  }
}

async function conversation(call: Call, host: ImishHost, imi: Imi): Promise<void> {
  const { behaviour } = host;
  const session = new ImishSession(imi, 'exec', behaviour);
  const console = new Console(call, behaviour);
  const rows = call.terminal ? call.rows : behaviour.pager === 'terminal' ? 0 : PAGE;
  for (;;) {
    const { prompt } = session;
    const typed = await console.readLine(prompt);
    if (typed.kind === 'closed') return;
    if (typed.kind === 'end') session.end();
    if (typed.kind === 'help') call.out(session.help(typed.text));
    if (typed.kind !== 'line') continue;
    let said: Said = await session.line(typed.text, prompt.length);
    while (said.asks !== undefined) {
      const password = await console.readSecret(said.asks);
      if (password === undefined) return;
      said = session.password(password);
    }
    if (said.over) return;
    await console.page(said.text, rows === 0 ? 0 : (session.length ?? rows));
    if (typed.text.trim() !== '') await host.commandDone(call, typed.text);
  }
}

function parse(args: readonly string[]): Flags | string {
  const commands: string[] = [];
  let routeDomain = 0;
  let path: string | undefined;
  for (let index = 0; index < args.length; index += 2) {
    const [flag = '', value] = args.slice(index, index + 2);
    if (value === undefined || !['-r', '-e', '-f'].includes(flag)) return `imish: invalid option -- '${flag}'\n`;
    if (flag === '-e') commands.push(value);
    else if (flag === '-f') path = value;
    else if (/^\d+$/.test(value)) routeDomain = Number(value);
    else return `imish: invalid route domain '${value}'\n`;
  }
  return { routeDomain, commands, ...(path === undefined ? {} : { file: path }) };
}
