import type { Duplex } from 'node:stream';
import { CpaasError, type ErrorCode } from '../core/errors.ts';
import { modeOf, type Platform, route } from './modes.ts';
import { afterEcho, screen, visible } from './terminal.ts';

export interface ShellOptions {
  /** What people call the device. */
  readonly name: string;
  /** Milliseconds that one line may take until the next prompt. */
  readonly timeout?: number;
}

/** What a device answered to one line, and the mode it is in now: the prompt tells whether a change of mode was accepted. */
export interface Answer {
  readonly text: string;
  readonly mode: string;
}

/** How much of the end of what came can be a prompt. */
const TAIL = 400;

/** A conversation with a device: one line out, everything up to the next prompt back. */
export class Shell {
  readonly name: string;
  readonly #stream: Duplex;
  readonly #platform: Platform;
  readonly #timeout: number;
  #mode = '';
  #told: Readonly<Record<string, string>> = {};
  #received = '';
  #ended: { readonly error?: unknown } | undefined;
  #news: () => void = () => {};

  private constructor(stream: Duplex, platform: Platform, { name, timeout = 30_000 }: ShellOptions) {
    this.name = name;
    this.#stream = stream;
    this.#platform = platform;
    this.#timeout = timeout;
    const end = (error?: unknown) => {
      this.#ended ??= { error };
      this.#news();
    };
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      this.#received += chunk;
      this.#news();
    });
    stream.on('end', () => end());
    stream.on('close', () => end());
    stream.on('error', end);
  }

  /** Waits for the first prompt. Rejects with `DEVICE.TIMEOUT`, `DEVICE.CLOSED` or `DEVICE.PASSWORD`, as everything here does. */
  static async open(stream: Duplex, platform: Platform, options: ShellOptions): Promise<Shell> {
    const shell = new Shell(stream, platform, options);
    await shell.#prompt();
    return shell;
  }

  get mode(): string {
    return this.#mode;
  }

  /** What the last prompt told besides the mode: the device's own name, the route domain. */
  get told(): Readonly<Record<string, string>> {
    return this.#told;
  }

  /** Types one line and waits for the next prompt, in whatever mode that is. */
  async send(line: string): Promise<Answer> {
    this.#received = '';
    if (!this.#ended) this.#stream.write(`${line}\n`);
    const received = await this.#prompt(line);
    const rows = screen(afterEcho(received, line));
    return { text: rows.slice(0, -1).join('\n'), mode: this.#mode };
  }

  /** Goes to a mode by the platform's ways. Rejects with `DEVICE.MODE` when the device does not follow. */
  async enter(mode: string): Promise<void> {
    for (const hop of route(this.#platform, this.#mode, mode)) {
      const { text } = await this.send(hop.line);
      if (this.#mode !== hop.mode)
        throw this.#failure('DEVICE.MODE', `${this.name} did not go from ${this.#mode} to ${hop.mode} mode`, [
          { label: 'line', text: hop.line },
          { label: 'answer', text: text || '(nothing)' },
        ]);
    }
  }

  close(): void {
    this.#stream.end();
    this.#stream.destroy();
  }

  /** Everything up to the next prompt, the prompt included. An answer to a line has the end of its echo before the prompt. */
  async #prompt(line?: string): Promise<string> {
    const deadline = Date.now() + this.#timeout;
    for (;;) {
      const last = this.#lastLine(line !== undefined);
      const found = last === undefined ? undefined : modeOf(this.#platform, last);
      if (found) {
        this.#mode = found.mode;
        this.#told = found.told;
        return visible(this.#received);
      }
      if (last !== undefined && this.#platform.password.test(last)) throw this.#asksPassword(line);
      if (last !== undefined && this.#platform.pager.prompt.test(last)) {
        this.#turnPage();
        continue;
      }
      if (this.#ended) throw this.#closed(line);
      const left = deadline - Date.now();
      if (left <= 0) throw this.#late(line);
      await this.#anything(left);
    }
  }

  #lastLine(answered: boolean): string | undefined {
    const start = this.#received.lastIndexOf('\n') + 1;
    if (answered && start === 0) return undefined;
    const length = this.#received.length - start;
    return length > TAIL ? undefined : screen(visible(this.#received.slice(start))).at(-1);
  }

  /** The pager's own words stand where the next row begins: taken away, so that they are no part of the answer. */
  #turnPage(): void {
    this.#received = this.#received.slice(0, this.#received.lastIndexOf('\n') + 1);
    this.#stream.write(this.#platform.pager.key);
  }

  /** Resolves when something came, or after so many milliseconds. */
  #anything(within: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, within);
      this.#news = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #late(line: string | undefined): CpaasError {
    const seconds = Math.round(this.#timeout / 1000);
    const what = line === undefined ? 'showed no prompt' : `did not come back from "${line}"`;
    return this.#failure('DEVICE.TIMEOUT', `${this.name}: ${this.#platform.name} ${what} within ${seconds} s`);
  }

  #closed(line: string | undefined): CpaasError {
    const when = line === undefined ? 'before the first prompt' : `after "${line}"`;
    return this.#failure('DEVICE.CLOSED', `${this.name}: ${this.#platform.name} ended ${when}`);
  }

  #asksPassword(line: string | undefined): CpaasError {
    const when = line === undefined ? 'at once' : `for "${line}"`;
    return this.#failure('DEVICE.PASSWORD', `${this.name}: ${this.#platform.name} asks ${when} for a password`);
  }

  #failure(code: ErrorCode, message: string, evidence = this.#lastWords()): CpaasError {
    this.close();
    return new CpaasError(code, message, { cause: this.#ended?.error, evidence });
  }

  #lastWords() {
    const words = screen(visible(this.#received)).join('\n').trim();
    return [{ label: 'last words', text: words.slice(-400) || '(nothing)' }];
  }
}
