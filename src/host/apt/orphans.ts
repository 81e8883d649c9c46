import { reading } from '../../core/reading.ts';
import type { Query } from '../../core/transport.ts';
import { SIMULATE_AUTOREMOVE, simulatePurge } from './commands.ts';
import { wouldGo } from './simulation.ts';

/**
 * The dependencies that nobody would need any more without these packages. Those that nobody needs as it is are somebody else's. (One
 * that was there before us, and that nobody needed before us either, cannot be told from ours: apt would have offered to remove it.)
 */
export async function orphans(machine: Query, packages: readonly string[]): Promise<readonly string[]> {
  const [after, before] = await machine.queryAll([reading(simulatePurge(packages)), reading(SIMULATE_AUTOREMOVE)]);
  const others = new Set([...packages, ...wouldGo(before?.stdout ?? '')]);
  return wouldGo(after?.stdout ?? '').filter((name) => !others.has(name));
}
