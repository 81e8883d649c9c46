import type { Call } from './call.ts';

/** What a person or a driver did at the prompt. */
export type Typed =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'end' | 'interrupt' | 'closed' };

/** How what is typed comes back. */
export interface Echo {
  readonly silentPipe: boolean;
  readonly wrapEcho: boolean;
}

const BACKSPACE = '\b \b';
const ESCAPE = '\x1b';

/**
 * The keyboard and screen of a call: lines with the little editing that readline is missed for first, and a pager. A line is
 * echoed on a terminal, and where the input is none as well: readline does so, and ZebOS's imish is built on it. [unverified]
 */
export class Console {
  readonly #call: Call;
  readonly #echo: Echo;
  #pending: string[] = [];
  #history: string[] = [];

  constructor(call: Call, echo: Echo = { silentPipe: false, wrapEcho: false }) {
    this.#call = call;
    this.#echo = echo;
  }

  /** A line that nobody sees: a password. Nothing at the end of the input. */
  async readSecret(prompt: string): Promise<string | undefined> {
    this.#call.out(prompt);
    for (let text = ''; ; ) {
      const key = await this.#key();
      if (key === undefined || key === '\x03') return undefined;
      if (key === '\n' || key === '\r') {
        this.#call.out('\n');
        return text;
      }
      text = key === '\x7f' || key === '\b' ? text.slice(0, -1) : text + key;
    }
  }

  async readLine(prompt: string): Promise<Typed> {
    this.#call.out(prompt);
    const silent = this.#echo.silentPipe && !this.#call.terminal;
    let text = '';
    let shown = '';
    let past = this.#history.length;
    const show = (next: string) => {
      shown += `${BACKSPACE.repeat(text.length)}${next}`;
      text = next;
    };
    // what was typed at one go comes back at one go
    const print = () => {
      if (shown !== '') this.#call.out(shown);
      shown = '';
    };
    for (;;) {
      if (this.#pending.length === 0) print();
      const key = await this.#key();
      if (key === undefined) return this.#closed(text);
      if (key === '\n' || key === '\r') {
        if (!silent) shown += '\n';
        print();
        if (text.trim() !== '') this.#history.push(text);
        return { kind: 'line', text };
      }
      if (key < ' ' || key === '?') print();
      if (key === '\x1a') return this.#left('end');
      if (key === '\x03') return this.#left('interrupt');
      if (key === '\x04' && text === '') return this.#left('closed');
      if (key === '?' && this.#call.terminal) return this.#help(text);
      if (key === '\x7f' || key === '\b') show(text.slice(0, -1));
      else if (key === '\x15') show('');
      else if (key === '\x17') show(text.replace(/\S+\s*$/, ''));
      else if (key === `${ESCAPE}[A` && past > 0) show(this.#history[--past] ?? '');
      else if (key === `${ESCAPE}[B` && past < this.#history.length) show(this.#history[++past] ?? '');
      else if (key >= ' ' && !key.startsWith(ESCAPE)) {
        text += key;
        if (silent) continue;
        // What readline writes when the cursor stands past the last column.
        const full = (prompt.length + text.length) % this.#call.columns === 0;
        shown += full && this.#echo.wrapEcho ? `${key} \r` : key;
      }
    }
  }

  /** Prints a text by pages of `lines` lines; 0 prints it whole. A space goes on, enter shows a line more, `q` leaves. */
  async page(text: string, lines: number): Promise<void> {
    const rest = text.split(/(?<=\n)/);
    if (lines < 2) return this.#call.out(text);
    let room = lines - 1;
    while (rest.length > 0) {
      this.#call.out(rest.splice(0, room).join(''));
      if (rest.length === 0) return;
      this.#call.out('--More--');
      const key = await this.#key();
      this.#call.out(`\r${' '.repeat('--More--'.length)}\r`);
      if (key === undefined || key === 'q' || key === '\x03') return;
      room = key === '\n' || key === '\r' ? 1 : lines - 1;
    }
  }

  /** One key; the three bytes of an arrow are one. */
  async #key(): Promise<string | undefined> {
    const first = await this.#character();
    if (first !== ESCAPE) return first;
    let key = `${first}${(await this.#character()) ?? ''}`;
    while (/^.\[[\d;]*$/.test(key)) {
      const next = await this.#character();
      if (next === undefined) break;
      key += next;
    }
    return key;
  }

  async #character(): Promise<string | undefined> {
    if (this.#pending.length === 0) this.#pending.push(...((await this.#call.read()) ?? ''));
    return this.#pending.shift();
  }

  #closed(text: string): Typed {
    if (text === '') return { kind: 'closed' };
    this.#call.out('\n');
    return { kind: 'line', text };
  }

  #left(kind: 'end' | 'interrupt' | 'closed'): Typed {
    this.#call.out('\n');
    return { kind };
  }

  #help(text: string): Typed {
    this.#call.out('?\n');
    // What was typed stands at the next prompt again.
    this.#pending.unshift(...text);
    return { kind: 'help', text };
  }
}
