import { quoteAll } from '../core/quote.ts';
import type { Globals } from './globals.ts';

/** Options that say which cluster is meant, as a call had them. */
export type ClusterOptions = Partial<Pick<Globals, 'file' | 'cluster' | 'stateDir'>>;

/** Verbs that are about no cluster. */
const APART = /^cpaas (?:explain|schema|completion|lab list)\b/;

/** A command that is advised, so that it can be copied: about the cluster that the call was about. */
export function advisedCommand(command: string, { file, cluster, stateDir }: ClusterOptions): string {
  if (!command.startsWith('cpaas ') || APART.test(command)) return command;
  const [own = '', ...passed] = command.split(' -- ');
  const missing = (flag: string): boolean => !own.split(' ').includes(flag);
  const aimed = [
    own,
    ...(file !== undefined && missing('-f') ? ['-f', quoteAll([file])] : []),
    ...(cluster !== undefined && file === undefined && missing('--cluster') ? ['--cluster', quoteAll([cluster])] : []),
    ...(stateDir !== undefined && missing('--state-dir') ? ['--state-dir', quoteAll([stateDir])] : []),
  ].join(' ');
  return [aimed, ...passed].join(' -- ');
}
