import { labList } from '../../lab/ctl.ts';
import { labCluster } from '../lab/lab.ts';
import type { Candidate } from './command-line.ts';
import type { CompletionContext } from './context.ts';

/** The labs of this machine. */
export const labCandidates = async (): Promise<readonly Candidate[]> =>
  (await labList()).map(({ name, running }) => ({ word: name, about: running ? 'running' : 'not running' }));

/** The machines of the lab that the command line is about. */
export async function machineCandidates(context: CompletionContext): Promise<readonly Candidate[]> {
  const { metadata } = await labCluster(context);
  const lab = (await labList()).find(({ name }) => name === metadata.name);
  return (lab?.machines ?? []).map(({ name, kind }) => ({ word: name, about: kind }));
}
