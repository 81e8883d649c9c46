import type { NextAction } from './errors.ts';
import { quoteAll } from './quote.ts';

/** The command line of this process, with root's rights. */
export const withSudo = (): NextAction => ({
  label: 'the same command with sudo',
  command: `sudo ${quoteAll(process.argv)}`,
});
