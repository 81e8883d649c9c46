import type { Context } from './config.ts';
import { formsAt } from './config-forms.ts';
import { configBanner, type Dialect, invalid, PLAIN_DIALECT } from './dialect.ts';
import type { Edited } from './edited.ts';
import { ANYWHERE, type ExecCommand, execForms } from './exec-forms.ts';
import { filtered, piped } from './filter.ts';
import { candidates, type Match, match, tokens } from './grammar.ts';
import { isKind } from './kinds.ts';

/** What an imish session needs of the unit it is on, bound to one route domain. */
export interface Imi {
  readonly hostname: string;
  readonly routeDomain: number;
  /** Whether bgpd answers by now. */
  ready(): boolean;
  /** Carries out one configuration line, `edit` on the configuration of that moment: two sessions do not undo each other's. */
  configure(context: Context, typed: string): Promise<Edited>;
  /** Saves ZebOS.conf. Rejects with the message to print. */
  write(): Promise<void>;
  /** Output of an exec command that reads. */
  show(command: ExecCommand, words: readonly string[]): Promise<string>;
}

/** What came of a line. */
export interface Said {
  readonly text: string;
  readonly over?: boolean;
  /** The password of enable is wanted next, by `password`. */
  readonly asks?: string;
}

type Mode = { readonly at: 'exec' } | { readonly at: 'enable' } | Context;

const SUFFIX = {
  exec: '>',
  enable: '#',
  config: '(config)#',
  router: '(config-router)#',
  family: '(config-router-af)#',
} as const;

/** One conversation with imish. It knows nothing of terminals: a line goes in, text comes out. */
export class ImishSession {
  readonly #imi: Imi;
  readonly #dialect: Dialect;
  #mode: Mode;
  #wrongPasswords = 0;
  /** Lines of a page; 0 is no pager. */
  length: number | undefined;

  constructor(imi: Imi, start: 'exec' | 'enable' | 'config', dialect = PLAIN_DIALECT) {
    this.#imi = imi;
    this.#mode = { at: start };
    this.#dialect = dialect;
  }

  /** Without a trailing space, as in raw transcripts, unless the unit has one. */
  get prompt(): string {
    const suffix = this.#mode.at === 'block' ? blockSuffix(this.#mode.key) : SUFFIX[this.#mode.at];
    return `${this.#imi.hostname}[${this.#imi.routeDomain}]${suffix}${this.#dialect.promptSpace ? ' ' : ''}`;
  }

  /** What is printed for a line, and whether the session is over. `indent` is how far the line stood from the left. */
  async line(typed: string, indent: number): Promise<Said> {
    if (typed.trim() === '' || typed.trimStart().startsWith('!')) return { text: '' };
    const mode = this.#mode;
    if (mode.at !== 'exec' && mode.at !== 'enable') return this.#configure(mode, typed, indent);
    const { command, filter } = piped(typed);
    const found = match(execForms(mode.at === 'enable'), tokens(command), isKind);
    if (found.result !== 'ok' || (found.command === 'terminal-length' && this.#dialect.pager === 'stubborn')) {
      return { text: this.#refused(found.result === 'ok' ? { result: 'invalid', at: 0 } : found, typed, indent) };
    }
    const words = found.words.map((word) => word.text);
    if (found.command === 'leave') return { text: '', over: true };
    if (found.command === 'enable' && mode.at === 'exec' && this.#dialect.enablePassword !== '') return this.#ask();
    return { text: filtered(await this.#exec(found.command, words), filter) };
  }

  /** The answer to `asks`. [unverified]: three attempts, and the text, are those of the family. */
  password(typed: string): Said {
    if (typed === this.#dialect.enablePassword) this.#mode = { at: 'enable' };
    else if (++this.#wrongPasswords < 3) return this.#ask();
    const failed = this.#mode.at === 'exec';
    this.#wrongPasswords = 0;
    return { text: failed ? '% Bad enable passwords, too many failures!\n' : '' };
  }

  #ask(): Said {
    return { text: '', asks: 'Password:' };
  }

  /** What `?` prints: the words that may stand next. */
  help(typed: string): string {
    const mode = this.#mode;
    const line = tokens(/\s$/.test(typed) ? typed : typed.replace(/\S+$/, ''));
    const words =
      mode.at === 'exec' || mode.at === 'enable'
        ? candidates(execForms(mode.at === 'enable'), line, isKind)
        : [...candidates(formsAt(mode).own, line, isKind), ...candidates(ANYWHERE, line, isKind)];
    const started = /\S*$/.exec(typed)?.[0] ?? '';
    const fitting = [...new Set(words)].filter((word) => word.startsWith(started)).sort();
    return fitting.map((word) => `  ${word}\n`).join('');
  }

  /** ^Z. */
  end(): void {
    if (this.#mode.at !== 'exec') this.#mode = { at: 'enable' };
  }

  async #exec(command: ExecCommand, words: readonly string[]): Promise<string> {
    switch (command) {
      case 'enable':
      case 'disable':
        this.#mode = { at: command === 'enable' ? 'enable' : 'exec' };
        return '';
      case 'configure':
        this.#mode = { at: 'config' };
        return configBanner(this.#dialect);
      case 'terminal-length':
        this.length = Number(words[2]);
        return '';
      case 'write':
        return this.#write();
      default:
        return this.#imi.ready() || command === 'version' ? this.#imi.show(command, words) : NOT_RUNNING;
    }
  }

  async #configure(context: Context, typed: string, indent: number): Promise<{ readonly text: string }> {
    const known = match(ANYWHERE, tokens(typed), isKind);
    if (known.result === 'ok') {
      if (known.command === 'write') return { text: await this.#write() };
      this.#mode = known.command === 'end' ? { at: 'enable' } : above(context);
      return { text: '' };
    }
    if (!this.#imi.ready()) return { text: NOT_RUNNING };
    const edited = await this.#imi.configure(context, typed);
    this.#mode = edited.context;
    if (edited.said === undefined) return { text: edited.remark === undefined ? '' : `${edited.remark}\n` };
    if (edited.invalidAt === undefined) return { text: `${edited.said}\n` };
    return { text: invalid(this.#dialect, typed, indent + edited.invalidAt) };
  }

  /** Wording of the family; the exact column and texts of a BIG-IP's imish are [unverified]. */
  #refused(found: Exclude<Match<ExecCommand>, { result: 'ok' }>, typed: string, indent: number): string {
    switch (found.result) {
      case 'ambiguous':
        return `% Ambiguous command:  "${typed.trim()}"\n`;
      case 'incomplete':
        return '% Incomplete command.\n';
      case 'invalid':
        return invalid(this.#dialect, typed, indent + found.at);
    }
  }

  async #write(): Promise<string> {
    if (!this.#imi.ready()) return NOT_RUNNING;
    try {
      await this.#imi.write();
      return 'Building configuration...\n[OK]\n';
    } catch (error) {
      return `Building configuration...\n% ${error instanceof Error ? error.message : String(error)}\n`;
    }
  }
}

const NOT_RUNNING = '% Protocol daemon is not running\n';

function above(context: Context): Mode {
  switch (context.at) {
    case 'config':
      return { at: 'enable' };
    case 'family':
      return { at: 'router' };
    default:
      return { at: 'config' };
  }
}

function blockSuffix(header: string): string {
  return header.startsWith('interface ') ? '(config-if)#' : '(config-route-map)#';
}
