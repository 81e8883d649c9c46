import { quoteAll } from '../core/quote.ts';
import type { Connection, ExecOptions, Output } from '../core/transport.ts';
import { execAll } from './batch.ts';
import { asProgram } from './program.ts';

type Argv = readonly string[];

/** In Docker's own words, which k3d repeats. */
const REFUSED = /permission denied while trying to connect to the docker/i;
const isRefused = ({ code, stderr }: Output): boolean => code !== 0 && REFUSED.test(stderr);

/**
 * A login that may have been put into a group since it began, which counts for it only by way of sg. Programs that are refused for want
 * of the group are called again so, and from then on at once: a program that was refused has done nothing.
 */
export function withGroup(connection: Connection, group: string): Connection {
  const needing = new Set<string>();
  const worded = (argv: Argv): Argv =>
    needing.has(argv[0] ?? '') ? ['sg', group, '-c', quoteAll(asProgram(argv))] : argv;

  /** Whether these are to be called once more, and otherwise than before. */
  async function helps(refused: readonly Argv[], options: ExecOptions): Promise<boolean> {
    const programs = refused.map(([program = '']) => program).filter((program) => !needing.has(program));
    if (programs.length === 0 || !(await isMember(connection, group, options))) return false;
    for (const program of programs) needing.add(program);
    return true;
  }
  return {
    ...connection,
    exec: async (argv, options = {}) => {
      const output = await connection.exec(worded(argv), options);
      return isRefused(output) && (await helps([argv], options)) ? connection.exec(worded(argv), options) : output;
    },
    execAll: async (commands, options = {}) => {
      const outputs = await execAll(connection, commands.map(worded), options);
      const refused = commands.filter((_, at) => isRefused(outputs[at] as Output));
      return (await helps(refused, options)) ? execAll(connection, commands.map(worded), options) : outputs;
    },
  };
}

/** Whether the login would have the group if it began now. sg asks everybody else for a password. */
async function isMember(connection: Connection, group: string, { timeout, signal }: ExecOptions): Promise<boolean> {
  const limits = { ...(timeout === undefined ? {} : { timeout }), ...(signal === undefined ? {} : { signal }) };
  const who = await connection.exec(['id', '-un'], limits);
  const members = await connection.exec(['getent', 'group', group], limits);
  return (members.stdout.trim().split(':')[3]?.split(',') ?? []).includes(who.stdout.trim());
}
