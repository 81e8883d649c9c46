import type { Reader } from '../core/context.ts';
import type { ReadCommand } from '../core/reading.ts';
import type { Output, Query } from '../core/transport.ts';
import { QuestionBatch } from './question-batch.ts';

/**
 * What looks that are taken together ask, while nobody of us changes anything: all that is asked of a host in one turn goes there in one
 * round trip, and what another look has asked already is not asked again. A look that asks twice wants news.
 */
export class SharedAnswers {
  readonly #ctx: Reader;
  readonly #hosts = new Map<string, HostAnswers>();

  constructor(ctx: Reader) {
    this.#ctx = ctx;
  }

  /** What one look is given. */
  reader(): Reader {
    const had = new Set<string>();
    return { ...this.#ctx, host: (key) => this.#host(key).query(had) };
  }

  #host(key: string): HostAnswers {
    const known = this.#hosts.get(key) ?? new HostAnswers(this.#ctx.host(key));
    this.#hosts.set(key, known);
    return known;
  }
}

class HostAnswers {
  readonly #host: Query;
  readonly #known = new Map<string, Promise<Output | undefined>>();
  #open: QuestionBatch | undefined;

  constructor(host: Query) {
    this.#host = host;
  }

  /** The host as one look sees it; `had` are the questions that it has asked. */
  query(had: Set<string>): Query {
    const queryAll = async (commands: readonly ReadCommand[]): Promise<readonly Output[]> => {
      const answers = await Promise.all(commands.map((each) => this.#ask(each, had)));
      const open = commands.filter((each, at) => !isAnswer(answers[at], each));
      // whatever is wrong with them is this look's to tell
      const fresh = (open.length === 0 ? [] : await this.#host.queryAll(open)).values();
      return commands.map((each, at) => (isAnswer(answers[at], each) ? answers[at] : (fresh.next().value as Output)));
    };
    const query = async (command: ReadCommand): Promise<Output> => {
      const answer = await this.#ask(command, had);
      return isAnswer(answer, command) ? answer : this.#host.query(command);
    };
    return { ...this.#host, query, queryAll };
  }

  #ask(command: ReadCommand, had: Set<string>): Promise<Output | undefined> {
    const name = JSON.stringify(command.argv);
    const known = had.has(name) ? undefined : this.#known.get(name);
    had.add(name);
    const answer = known ?? this.#round().ask(name, command);
    this.#known.set(name, answer);
    return answer;
  }

  /** That of this turn. */
  #round(): QuestionBatch {
    this.#open ??= new QuestionBatch(this.#host, () => {
      this.#open = undefined;
    });
    return this.#open;
  }
}

/** Others may have taken another end of the command for an answer. */
const isAnswer = (output: Output | undefined, { codes }: ReadCommand): output is Output =>
  output !== undefined && (output.code === 0 || codes.includes(output.code));
