import type { Reader } from '../core/context.ts';
import { CpaasError } from '../core/errors.ts';
import type { ReadCommand } from '../core/reading.ts';
import type { Output, Query } from '../core/transport.ts';

/**
 * Answers that several looks share, while nobody of us changes anything: what the steps of a host are going to ask is asked in one round
 * trip, and a question that another step has asked already is not asked again. A step that asks twice wants news.
 */
export class SharedAnswers {
  readonly #ctx: Reader;
  readonly #known = new Map<string, Output>();
  readonly #prepared = new Map<string, Promise<void>>();

  constructor(ctx: Reader) {
    this.#ctx = ctx;
  }

  /** Asks once what looks at a host are going to ask. Rejects when the host cannot be asked at all. */
  prepare(host: string, commands: readonly ReadCommand[]): Promise<void> {
    const asked = this.#prepared.get(host) ?? this.#ask(host, commands);
    this.#prepared.set(host, asked);
    return asked;
  }

  /** What one look is given. */
  reader(): Reader {
    const had = new Set<string>();
    return { ...this.#ctx, host: (key) => this.#host(key, had) };
  }

  async #ask(host: string, commands: readonly ReadCommand[]): Promise<void> {
    const once = [...new Map(commands.map((each) => [named(host, each), each])).values()];
    if (once.length === 0) return;
    try {
      this.#keep(host, once, await this.#ctx.host(host).queryAll(once));
    } catch (error) {
      // one of the questions has no answer: its step will say which, and why
      if (!(error instanceof CpaasError) || !['HOST.COMMAND', 'HOST.OUTPUT'].includes(error.code)) throw error;
    }
  }

  #host(key: string, had: Set<string>): Query {
    const host = this.#ctx.host(key);
    const queryAll = async (commands: readonly ReadCommand[]): Promise<readonly Output[]> => {
      const known = commands.map((each) => this.#answer(key, each, had));
      const open = commands.filter((_, at) => known[at] === undefined);
      const answers = open.length === 0 ? [] : await host.queryAll(open);
      this.#keep(key, open, answers);
      const fresh = answers.values();
      return known.map((each) => each ?? (fresh.next().value as Output));
    };
    return {
      name: host.name,
      queryAll,
      query: async (command) => {
        const known = this.#answer(key, command, had);
        if (known) return known;
        const answer = await host.query(command);
        this.#keep(key, [command], [answer]);
        return answer;
      },
      read: (path) => host.read(path),
      follow: (command, signal) => host.follow(command, signal),
    };
  }

  /** One that is an answer to whoever asks: others may have taken another end of the command for one. */
  #answer(host: string, command: ReadCommand, had: Set<string>): Output | undefined {
    const name = named(host, command);
    const known = had.has(name) ? undefined : this.#known.get(name);
    had.add(name);
    return known && (known.code === 0 || command.codes.includes(known.code)) ? known : undefined;
  }

  #keep(host: string, commands: readonly ReadCommand[], outputs: readonly Output[]): void {
    for (const [at, command] of commands.entries()) {
      const output = outputs[at];
      if (output) this.#known.set(named(host, command), output);
    }
  }
}

const named = (host: string, { argv }: ReadCommand): string => JSON.stringify([host, argv]);
