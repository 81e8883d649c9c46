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
export class QuestionBatch {
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
  const [quick, slow] = [all.filter(([, each]) => !each.slow), all.filter(([, each]) => each.slow)];
  const together = askTogether(
    host,
    quick.map(([, each]) => each),
  );
  return new Map([
    ...quick.map(([name], at) => [name, together.then((outputs) => outputs[at])] as const),
    ...slow.map(([name, each]) => [name, host.query(each)] as const),
  ]);
}

/** No answers at all where one question spoils it for the others. */
async function askTogether(host: Query, questions: readonly ReadCommand[]): Promise<readonly Output[]> {
  if (questions.length === 0) return [];
  try {
    return await host.queryAll(questions);
  } catch (error) {
    if (error instanceof CpaasError && OF_ONE.includes(error.code)) return [];
    throw error;
  }
}
