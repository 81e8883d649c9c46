import type { Cluster } from '../../config/schema.ts';
import { type Phase, phase } from '../../core/plan.ts';
import { type BootCall, bootUnits } from '../../host/boot-units.ts';
import { bootRoutes, hostBootRoutes } from '../../steps/host/boot-routes.ts';
import type { Blueprint } from '../blueprint.ts';
import { ranks } from '../ranks.ts';

/** What sets the host routes again after a start of the machine that nodes are behind. A lab does not outlive its machine. */
export function atBootPhase({ metadata, spec }: Cluster, { gateway }: Blueprint, call: BootCall): readonly Phase[] {
  if (spec.routes.persist !== 'boot' || !gateway || spec.provider.lab) return [];
  const cluster = metadata.name;
  const { service, timer } = bootUnits(cluster, call);
  const needs = call.program;
  const place = { host: gateway, cluster, timer: timer.name, needs: [...needs] };
  return [phase('At boot', ranks.atBoot, [hostBootRoutes(place, bootRoutes([service, timer], needs))], { by: 'host' })];
}
