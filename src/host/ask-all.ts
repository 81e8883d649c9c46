import type { ReadCommand } from '../core/reading.ts';
import type { Output, Query } from '../core/transport.ts';

/** Asks a host several questions in one round trip; the answers by the questions' names. */
export async function askAll<Name extends string>(
  machine: Query,
  questions: Readonly<Record<Name, ReadCommand>>,
): Promise<Readonly<Record<Name, Output>>> {
  const named = Object.entries<ReadCommand>(questions);
  const outputs = await machine.queryAll(named.map(([, question]) => question));
  return Object.fromEntries(named.map(([name], at) => [name, outputs[at]])) as Record<Name, Output>;
}
