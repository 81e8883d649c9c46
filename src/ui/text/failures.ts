import { CpaasError, type Evidence, flatten, type NextAction } from '../../core/errors.ts';
import { mapStrings } from './harmless.ts';

/** One failure as data. Without a code it is a bug, and has its stack. */
export interface Failure {
  readonly code?: string;
  readonly message: string;
  readonly evidence: readonly Evidence[];
  readonly next: readonly NextAction[];
  readonly stack?: string;
}

/** What was thrown, taken apart: each failure of an aggregate once, without secrets. */
export function failures(error: unknown, redact: (text: string) => string = (text) => text): readonly Failure[] {
  const all = mapStrings(flatten(error).map(failure), redact);
  const seen = new Set<string>();
  return all.filter(({ code, message }) => {
    const same = `${code} ${message}`;
    return !seen.has(same) && seen.add(same);
  });
}

function failure(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error), evidence: [], next: [] };
  const { message } = error;
  // what node rejects with when a signal is aborted; why it was is the cause
  if (error.name === 'AbortError')
    return error.cause instanceof CpaasError
      ? failure(error.cause)
      : { code: 'RUN.INTERRUPTED', message: 'interrupted', evidence: [], next: [] };
  if (error instanceof CpaasError)
    return {
      code: error.code,
      message,
      evidence: [...error.evidence, ...causes(error)],
      next: error.next.map(plainly),
    };
  return { message, evidence: [], next: [], ...(error.stack === undefined ? {} : { stack: error.stack }) };
}

/** Whether it may be put into other words is nobody's business who reads it. */
const plainly = ({ fixed, ...action }: NextAction): NextAction => action;

/** Why, as far as the message and its evidence do not say it already. */
function causes(error: CpaasError): readonly Evidence[] {
  const found: Evidence[] = [];
  let said = [error.message, ...error.evidence.map(({ text }) => text)].join('\n');
  for (let cause = error.cause; cause instanceof Error && found.length < 5; cause = cause.cause) {
    if (cause.message && !said.includes(cause.message)) found.push({ label: 'cause', text: cause.message });
    said += `\n${cause.message}`;
  }
  return found;
}
