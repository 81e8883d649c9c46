import type { Cluster } from '../../config/schema.ts';
import { type Phase, phaseFrom } from '../../core/plan.ts';
import { hostBinaries } from '../../steps/host/binaries.ts';
import { ranks } from '../ranks.ts';
import { binariesStep } from './binaries.ts';

const PHASE = 'Tools';

/** Programs that the file names. Docker Engine is none: it comes from its repository. */
export function toolsNeeded({ spec }: Pick<Cluster, 'spec'>) {
  const { folder: _, docker: __, ...named } = spec.tools;
  return Object.entries(named).flatMap(([program, version]) => (version === undefined ? [] : [{ program, version }]));
}

/** Programs that the file names, on one host: P1 row 2. No phase where it names none. */
export function toolsPhase({ spec }: Cluster, host: string): readonly Phase[] {
  const { folder } = spec.tools;
  const needs = toolsNeeded({ spec });
  if (needs.length === 0) return [];
  const versions = Object.fromEntries(needs.map(({ program, version }) => [program, version]));
  const preview = needs.map(({ program, version }) => `${program} ${version}`);
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
