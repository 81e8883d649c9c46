import type { Call } from '../../cli/command.ts';
import { CpaasError } from '../../core/errors.ts';
import type { Journal, RunOutcome } from '../../core/journal.ts';
import type { Phase, Plan } from '../../core/plan.ts';
import { converge } from '../../engine/converge.ts';
import { onlyKinds } from '../../engine/only.ts';
import { changesSomething, planDocument } from '../../engine/plan-document.ts';
import { survey } from '../../engine/survey.ts';
import { consenting } from '../../session/run/consent.ts';
import type { Run } from '../../session/run/run.ts';
import { openSession } from '../../session/session.ts';
import { hostRoutes } from '../../steps/host/routes.ts';

const only = onlyKinds((kind) => kind === hostRoutes.kind);

/** Makes the host routes follow the pod blocks. Nothing else is asked or changed: no router has to answer for it. */
export async function syncRoutes(
  { engine, plan, name }: Run,
  { options, io }: Pick<Call, 'options' | 'io'>,
): Promise<RunOutcome> {
  // whoever asks for it agrees: a block that has moved is not reached where its route leads now
  const consent = consenting('routes sync', name, { ...options, yes: true }, io);
  return converge(routesAlone(plan, engine.journal), engine, { consent, leftovers: true, gates: false, only });
}

/** Whether the host routes differ from the pod blocks, or cannot be compared with them. Changes nothing, and needs no lock. */
export async function outOfStep({ options, io }: Pick<Call, 'options' | 'io'>): Promise<boolean> {
  const session = await openSession(options, io);
  try {
    const { plan, engine, facts, name } = session;
    const found = await survey(routesAlone(plan, engine.journal), engine, facts, {
      leftovers: true,
      only,
    });
    const unnoted = found.phases.some(({ looked }) =>
      looked.some((each) => only.item(each) && each.found?.kept.length),
    );
    return unnoted || changesSomething(planDocument(name, found, engine));
  } finally {
    await session.close();
  }
}

/** The phase of the host routes, with those that it needs. */
export function routesAlone({ name, phases }: Plan, journal: Pick<Journal, 'holding'>): Plan {
  const needed = new Set<string>();
  const kept = phases
    .toReversed()
    .filter((phase) => {
      const its = phase.kinds.includes(hostRoutes.kind);
      if (its || needed.has(phase.name)) for (const need of phase.needs) needed.add(need);
      return its || needed.has(phase.name);
    })
    .toReversed();
  return {
    name,
    phases: kept.map((phase) => (phase.kinds.includes(hostRoutes.kind) ? neverEmpty(phase, journal) : phase)),
  };
}

/** A cluster in which no node has a block is not believed while there are routes: nobody may be there to see them all go. */
const neverEmpty = (phase: Phase, journal: Pick<Journal, 'holding'>): Phase => ({
  ...phase,
  async steps(facts, isOurs) {
    const steps = await phase.steps(facts, isOurs);
    for (const { id, want } of steps)
      if (want.size === 0 && journal.holding(id)?.elements.size)
        throw new CpaasError('FACTS.EMPTY', 'no node of the cluster has a pod block: that cannot be all of it', {
          next: [{ label: 'removes the routes, if they are to go', command: 'cpaas routes clear' }],
        });
    return steps;
  },
});
