import { CpaasError } from '../core/errors.ts';
import type { Secrets } from '../core/secret.ts';
import type { Transport } from '../core/transport.ts';

type Redactor = Pick<Secrets, 'redact'>;

/**
 * Keeps secrets out of every error of a machine: its answers are quoted there, and devices repeat what they are told. What it answers is
 * handed on as it is.
 */
export function redact(host: Transport, secrets: Redactor): Transport {
  const guard =
    <Args extends unknown[], Result>(act: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      try {
        return await act(...args);
      } catch (error) {
        throw redactError(error, secrets);
      }
    };
  return {
    name: host.name,
    put: host.put,
    follow: async function* (command, signal) {
      try {
        yield* host.follow(command, signal);
      } catch (error) {
        throw redactError(error, secrets);
      }
    },
    query: guard(host.query),
    queryAll: guard(host.queryAll),
    read: guard(host.read),
    run: guard(host.run),
    write: guard(host.write),
    open: guard(host.open),
  };
}

/** The same error without secrets, down to its first cause. */
export function redactError(error: unknown, secrets: Redactor): unknown {
  if (!(error instanceof Error)) return error;
  const cause = error.cause === undefined ? {} : { cause: redactError(error.cause, secrets) };
  const clean = (text: string) => secrets.redact(text);
  if (error instanceof CpaasError)
    return new CpaasError(error.code, clean(error.message), {
      ...cause,
      evidence: error.evidence.map(({ label, text }) => ({ label, text: clean(text) })),
      next: error.next.map(({ label, command, ...meant }) => ({
        ...meant,
        label: clean(label),
        ...(command === undefined ? {} : { command: clean(command) }),
      })),
    });
  // Others keep their class, which says who is to be asked: an aborted signal, a bug.
  if (clean(error.message) === error.message && clean(error.stack ?? '') === (error.stack ?? '')) return error;
  const copy = new Error(clean(error.message), cause);
  copy.name = error.name;
  copy.stack = clean(error.stack ?? '');
  return copy;
}
