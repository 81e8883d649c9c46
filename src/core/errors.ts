/** What the user can do next; printed after `→` and carried in JSON. */
export interface NextAction {
  readonly label: string;
  readonly command?: string;
  /** Meant as it is, whichever command has failed; others are told in the words of that one. */
  readonly fixed?: true;
}

/** A line of evidence under the message of an error: `answer  % Invalid input detected`. */
export interface Evidence {
  readonly label: string;
  readonly text: string;
}

export type ErrorCode = `${Uppercase<string>}.${Uppercase<string>}`;

export interface ErrorDetails {
  readonly cause?: unknown;
  readonly evidence?: readonly Evidence[];
  readonly next?: readonly NextAction[];
}

/**
 * A failure we foresaw: a code `AREA.WHAT`, one sentence that names the thing, what was seen, and what to do next. Anything else
 * thrown is a bug and keeps its stack. Every code has a page in `docs/errors.md`.
 */
export class CpaasError extends Error {
  readonly code: ErrorCode;
  readonly evidence: readonly Evidence[];
  readonly next: readonly NextAction[];

  constructor(code: ErrorCode, message: string, { cause, evidence = [], next = [] }: ErrorDetails = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'CpaasError';
    this.code = code;
    this.evidence = evidence;
    this.next = next;
  }
}

/** Whether an error says that a host could not be reached. Of an aggregate ask each that `flatten` gives. */
export function isUnreachable(error: unknown): error is CpaasError {
  return error instanceof CpaasError && error.code === 'HOST.UNREACHABLE';
}

/** The failures inside: an aggregate's, flattened, or the error itself. */
export function flatten(error: unknown): readonly unknown[] {
  return error instanceof AggregateError ? error.errors.flatMap(flatten) : [error];
}
