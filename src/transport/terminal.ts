import { quoteAll } from '../core/quote.ts';

/** What every program that believes it is on a terminal gets: so wide that no device breaks its lines. */
export const TERMINAL = { term: 'vt100', rows: 24, cols: 500 } as const;

/**
 * The same command on a terminal of its own, for machines without SSH to ask for one. `script` belongs to the essential packages of every
 * distribution; without a terminal of its own it would leave echo off, which ssh does not.
 */
export const onTerminal = (argv: readonly string[]): readonly string[] => {
  const { term, rows, cols } = TERMINAL;
  const inside = `stty echo rows ${rows} cols ${cols}; exec ${quoteAll(argv)}`;
  return ['env', `TERM=${term}`, 'SHELL=/bin/sh', 'script', '-q', '-e', '-f', '-c', inside, '/dev/null'];
};
