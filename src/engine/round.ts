import { CpaasError, type ErrorCode } from '../core/errors.ts';
import { ANY_END, type ReadCommand } from '../core/reading.ts';
import type { Output, Query } from '../core/transport.ts';

/** One question has no answer, or holds up all others: whoever asked it is to say which, and why. */
const OF_ONE: readonly ErrorCode[] = ['HOST.COMMAND', 'HOST.OUTPUT', 'HOST.TIMEOUT'];

type Answers = ReadonlyMap<string, Promise<Output | undefined>>;

/**
 * The questions of one turn to a host. Once nobody has more to ask they go there in one round trip; those that take long beside it, all at
 * a time.
 */
export class Round {
  readonly #questions = new Map<string, ReadCommand>();
  readonly #answers: Promise<Answers>;

  /** `begins` is called when nothing can be added any more. */
  constructor(host: Query, begins: () => void) {
    this.#answers = endOfTurn().then(() => {
      begins();
      return answersOf(host, this.#questions);
    });
  }

  /** Whatever the program ends with; nothing where it has to be asked alone. Rejects when the host cannot be asked at all. */
  async ask(name: string, question: ReadCommand): Promise<Output | undefined> {
    this.#questions.set(name, question);
    return (await this.#answers).get(name);
  }
}

/** When whoever can go on without an answer has done so. */
const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function answersOf(host: Query, questions: ReadonlyMap<string, ReadCommand>): Answers {
  const all = [...questions].map(([name, question]) => [name, { ...question, codes: ANY_END }] as const);
  const quick = all.filter(([, { slow }]) => !slow);
  const together = quick.length === 0 ? undefined : unlessOfOne(host.queryAll(quick.map(([, question]) => question)));
  return new Map([
    ...quick.map(([name], at) => [name, Promise.resolve(together).then((outputs) => outputs?.[at])] as const),
    ...all.filter(([, { slow }]) => slow).map(([name, each]) => [name, unlessOfOne(host.query(each))] as const),
  ]);
}

const unlessOfOne = <Answer>(asked: Promise<Answer>): Promise<Answer | undefined> =>
  asked.catch((error: unknown) => {
    if (error instanceof CpaasError && OF_ONE.includes(error.code)) return undefined;
    throw error;
  });
