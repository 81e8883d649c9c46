import { labList } from '../../lab/ctl.ts';
import { labCluster } from '../lab/lab.ts';
import type { Offer } from './command-line.ts';
import type { Where } from './context.ts';

/** The labs of this machine. */
export const labOffers = async (): Promise<readonly Offer[]> =>
  (await labList()).map(({ name, running }) => ({ word: name, about: running ? 'running' : 'not running' }));

/** The machines of the lab that the command line is about. */
export async function machineOffers(where: Where): Promise<readonly Offer[]> {
  const { metadata } = await labCluster(where);
  const lab = (await labList()).find(({ name }) => name === metadata.name);
  return (lab?.machines ?? []).map(({ name, kind }) => ({ word: name, about: kind }));
}
