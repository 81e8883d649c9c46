import { CpaasError } from '../core/errors.ts';
import type { RunCommand } from '../core/journal.ts';

/** Commands that go on by being called again; steps, which do not know what they are part of, advise `cpaas up`. */
const ITSELF: ReadonlySet<RunCommand> = new Set(['down', 'rollback', 'bgp unpeer', 'routes clear', 'forget']);

/** The same failure with advice that fits the command that failed: `cpaas up` would make again what `down` is taking away. */
export function advising(error: unknown, command: RunCommand): unknown {
  if (!ITSELF.has(command)) return error;
  if (error instanceof AggregateError)
    return new AggregateError(
      error.errors.map((each) => advising(each, command)),
      error.message,
    );
  if (!(error instanceof CpaasError) || !error.next.some(isUp)) return error;
  const { code, message, cause, evidence } = error;
  const next = error.next.map((each) => (isUp(each) ? { ...each, command: `cpaas ${command}` } : each));
  return new CpaasError(code, message, { cause, evidence, next });
}

const isUp = ({ command }: { readonly command?: string }): boolean => command === 'cpaas up';
