import { show, type UnitFacts } from '../tmsh/show.ts';
import { type Objects, objectsOf } from '../tmsh/store.ts';
import { onObjects, syntaxError, type TmshResult } from '../tmsh/verbs.ts';
import { commandsOf, type TmshWord, tmshWords } from '../tmsh/words.ts';
import type { Behaviour } from '../unit/behaviour.ts';
import { ROLE } from '../unit/failover.ts';
import type { Call } from './call.ts';
import { Console } from './console.ts';
import { denied } from './rights.ts';

/** What tmsh needs of the unit. */
export interface TmshHost {
  facts(): UnitFacts;
  readonly behaviour: Pick<Behaviour, 'role' | 'applianceMode'>;
  objects(): Objects;
  /** Makes objects the running configuration. Rejects with the message to print. */
  change(objects: Objects): Promise<void>;
  /** Files that were written. Rejects with the message to print. */
  save(): Promise<readonly string[]>;
  failover(to: 'standby' | 'offline' | 'online'): Promise<void>;
  reboot(): Promise<void>;
  commandDone(call: Call, command: string): Promise<void>;
}

const HOME_VERBS = ['list', 'create', 'modify', 'delete'];
const UTILITIES = ['bash', 'imish', 'ping', 'bigstart', 'traceroute'];
const SAVES = ['sys config', 'sys config partitions all', '/sys config', '/sys config partitions all'];

/** The program: `tmsh [-q] [-c] COMMAND…`, a login shell (`tmsh -c 'COMMAND'`), or a conversation. */
export async function tmsh(call: Call, host: TmshHost): Promise<number> {
  const args = call.args.filter((arg) => arg !== '-q' && arg !== '-m');
  if (args.length === 0) return conversation(call, host);
  // A login shell gets the whole command line as one word after -c; called by hand each word is one already.
  const shell = args[0] === '-c';
  const commands = commandsOf(shell ? tmshWords(args.slice(1).join(' ')) : args.flatMap(argWords));
  const program = programOf(commands[0] ?? []);
  if (commands.length === 1 && program !== undefined && refusal(call, host, commands[0] ?? []) === undefined) {
    call.become(program);
    return 0;
  }
  return inTurn(call, host, commands);
}

/** Commands between semicolons. [unverified] that the first one that fails is the last one */
async function inTurn(call: Call, host: TmshHost, commands: readonly (readonly TmshWord[])[], console?: Console) {
  for (const words of commands) {
    const code = await command(call, host, words, console);
    await host.commandDone(call, words.map((word) => word.text).join(' '));
    if (code !== 0) return code;
  }
  return 0;
}

/** bash has taken quotes away: an argument with blanks is one word, unless it is a whole command. */
function argWords(arg: string, index: number): readonly TmshWord[] {
  if (index === 0 || /^[^\s]*[{}]/.test(arg)) return tmshWords(arg);
  return [{ text: arg, quoted: /[\s{}]/.test(arg) }];
}

async function conversation(call: Call, host: TmshHost): Promise<number> {
  const console = new Console(call);
  for (;;) {
    const facts = host.facts();
    const short = facts.hostname.split('.')[0];
    const where = `(cfg-sync ${facts.sync})(${ROLE[facts.failover]})(/Common)(tmos)`;
    const typed = await console.readLine(`${call.user}@(${short})${where}# `);
    if (typed.kind === 'closed') return 0;
    if (typed.kind !== 'line') continue;
    const words = tmshWords(typed.text);
    if (words.length === 0) continue;
    if (['quit', 'exit'].includes(words[0]?.text ?? '') && words.length === 1) return 0;
    await inTurn(call, host, commandsOf(words), console);
  }
}

/** `bash -c …`, `imish …`, `run util bash -c …`, `run /util imish …`: programs that tmsh only starts. */
function programOf(words: readonly TmshWord[]): readonly string[] | undefined {
  const texts = words.map((word) => word.text);
  const run = texts[0] === 'run' && ['util', '/util'].includes(texts[1] ?? '') ? texts.slice(2) : texts;
  return UTILITIES.includes(run[0] ?? '') ? run : undefined;
}

function refusal(call: Call, host: TmshHost, words: readonly TmshWord[]): string | undefined {
  return denied(host.behaviour, call.user, words[0]?.text ?? '', programOf(words)?.[0]);
}

async function command(call: Call, host: TmshHost, words: readonly TmshWord[], console?: Console): Promise<number> {
  const refused = refusal(call, host, words);
  const program = programOf(words);
  if (refused === undefined && program !== undefined) return call.run(program);
  const result = refused === undefined ? await carriedOut(host, words) : { refused };
  if ('refused' in result) {
    // [unverified] that errors go to standard error
    call.err(`${result.refused}\n`);
    return 1;
  }
  const text = 'text' in result ? result.text : '';
  // The pager is for people: `modify cli preference pager disabled` and a call with a command do without.
  const pager = objectsOf(host.objects(), 'cli preference')['']?.['pager'] !== 'disabled';
  if (console !== undefined && call.terminal && pager) await console.page(text, call.rows);
  else call.out(text);
  return 0;
}

async function carriedOut(host: TmshHost, words: readonly TmshWord[]): Promise<TmshResult> {
  const [verb = '', ...rest] = words.map((word) => word.text);
  try {
    if (HOME_VERBS.includes(verb)) {
      const result = onObjects(host.objects(), verb, words.slice(1));
      if ('objects' in result) await host.change(result.objects);
      return result;
    }
    if (verb === 'show') {
      const text = show(rest.filter((word) => word !== 'field-fmt').join(' '), host.facts());
      return text === undefined ? syntaxError(rest[0] ?? verb) : { text };
    }
    if (verb === 'save' && SAVES.includes(rest.join(' '))) {
      const files = await host.save();
      return { text: `Saving running configuration...\n${files.map((file) => `  ${file}\n`).join('')}` };
    }
    const [where, what, to = ''] = rest;
    if (verb === 'run' && where === 'sys' && what === 'failover' && isTarget(to)) {
      await host.failover(to);
      return { text: '' };
    }
    if (verb === 'reboot' && rest.length === 0) {
      await host.reboot();
      return { text: '' };
    }
    return syntaxError(verb);
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

function isTarget(word: string): word is 'standby' | 'offline' | 'online' {
  return ['standby', 'offline', 'online'].includes(word);
}
