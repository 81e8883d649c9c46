import type { Cluster } from '../config/schema.ts';
import { type Phase, phaseFrom } from '../core/plan.ts';
import { hostBinaries } from '../steps/host-binaries.ts';
import { binariesStep } from './binaries.ts';
import { ranks } from './ranks.ts';

const PHASE = 'Tools';

/** Programs that the file names, on one host: P1 row 2. No phase where it names none. */
export function toolsPhase({ spec }: Cluster, host: string): readonly Phase[] {
  const { folder, docker: _, ...named } = spec.tools;
  const versions = Object.fromEntries(
    Object.entries(named).filter((each): each is [string, string] => each[1] !== undefined),
  );
  if (Object.keys(versions).length === 0) return [];
  const preview = Object.entries(versions).map(([program, version]) => `${program} ${version}`);
  return [
    phaseFrom(
      PHASE,
      ranks.tools,
      [hostBinaries.kind],
      async (facts) => [await binariesStep(facts, { host, folder }, versions)],
      { preview },
    ),
  ];
}
