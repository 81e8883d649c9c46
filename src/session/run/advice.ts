import { ADHOC } from '../../core/cluster-name.ts';
import { CpaasError } from '../../core/errors.ts';
import type { RunCommand } from '../../core/journal.ts';

/** Without a file the state is named, and a call is repeated as it was typed. */
const ADHOC_ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^cpaas up$/, 'cpaas bgp peer --router …'],
  [/^cpaas plan$/, 'cpaas bgp peer --router … --dry-run'],
  [/^(cpaas bgp (?:peer|unpeer))$/, '$1 --router …'],
  [/^(cpaas (?:rollback|forget|status|down|runs)\b.*)$/, `$1 --cluster ${ADHOC}`],
];

/** A command that is advised, as it has to be called where flags stood in place of a cluster file. */
export function adhocCommand(command: string): string {
  const [pattern, text] = ADHOC_ADVICE.find(([each]) => each.test(command)) ?? [];
  return pattern && text ? command.replace(pattern, text) : command;
}

/** The same failure with advice for a call that had flags in place of a cluster file. */
export const advisingAdhoc = (error: unknown): unknown => withCommands(error, adhocCommand);

/**
 * The same failure with advice that fits the command that failed: it goes on by being called again. Steps, which do not know what they
 * are part of, advise `cpaas up`; that would make again what `down` is taking away.
 */
export const advising = (error: unknown, command: RunCommand): unknown =>
  withCommands(error, (each) => (each === 'cpaas up' ? `cpaas ${command}` : each));

function withCommands(error: unknown, change: (command: string) => string): unknown {
  if (error instanceof AggregateError)
    return new AggregateError(
      error.errors.map((each) => withCommands(each, change)),
      error.message,
    );
  if (!(error instanceof CpaasError)) return error;
  const { code, message, cause, evidence } = error;
  const next = error.next.map((each) =>
    each.command && !each.fixed ? { ...each, command: change(each.command) } : each,
  );
  if (next.every(({ command }, at) => command === error.next[at]?.command)) return error;
  return new CpaasError(code, message, { cause, evidence, next });
}
