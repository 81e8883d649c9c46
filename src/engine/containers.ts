import type { HeldPlace, Holding, RunRecord } from '../core/journal.ts';
import type { Engine } from './engine.ts';
import { look } from './look.ts';
import type { SurveyedPhase } from './looked.ts';

/**
 * Tells of a place whether what it stands in goes in this run, or was removed by somebody, who may have made it again. Containers are
 * looked at here first, so that nothing inside a machine that is no more is asked. One that cannot be looked at is taken to be there.
 */
export async function goneContainers(
  unmentioned: readonly Holding[],
  phases: readonly SurveyedPhase[],
  engine: Engine,
): Promise<(place: HeldPlace) => boolean> {
  const containers = new Map(unmentioned.flatMap(({ within }) => (within ? [[within.step, within] as const] : [])));
  const going = new Map<string, ReadonlySet<string>>();
  for (const [id, recipe] of containers) {
    const keys = new Set(unmentioned.flatMap(({ within }) => (within?.step === id ? [within.key] : [])));
    going.set(id, await goingOf(id, recipe, keys, phases, engine));
  }
  return (place) => {
    const { within } = place;
    if (within === undefined) return false;
    return going.get(within.step)?.has(within.key) || engine.instances.wasElsewhere(place);
  };
}

/**
 * Tells of the places of a run whether what they stood in is no more: somebody took it away, and may have made another one since. One
 * that the undoing brings back, and one that cannot be looked at, is taken to be there.
 */
export async function lostContainers(
  { places, changes }: Pick<RunRecord, 'places' | 'changes'>,
  engine: Engine,
): Promise<(place: HeldPlace) => boolean> {
  const missing = new Set<HeldPlace>();
  for (const place of places) {
    const { within } = place;
    if (!within) continue;
    const { step, key } = within;
    if (changes.some((each) => each.step === step && each.key === key && each.from !== undefined)) continue;
    try {
      const seen = await engine.revive(within).read(engine.ctx, new Set([key]));
      engine.instances.note(step, [key], seen);
      if (!seen.has(key)) missing.add(place);
    } catch {
      engine.ctx.signal.throwIfAborted();
    }
  }
  return (place) => missing.has(place) || engine.instances.wasElsewhere(place);
}

/** Those of some elements of a container that are not there, or will not be. */
async function goingOf(
  id: string,
  recipe: NonNullable<HeldPlace['within']>,
  keys: ReadonlySet<string>,
  phases: readonly SurveyedPhase[],
  engine: Engine,
): Promise<ReadonlySet<string>> {
  const known = phases.flatMap(({ looked }) => looked).find(({ step }) => step.id === id);
  const step = known?.step ?? engine.revive(recipe);
  try {
    // asked for by name: an element that is neither wanted nor ours would not be seen otherwise
    const seen = await step.read(engine.ctx, keys);
    engine.instances.note(id, keys, seen);
    const { changes } = known?.found ?? (await look(step, engine));
    const unwanted = changes.filter(({ to }) => to === undefined).map(({ key }) => key);
    return new Set([...keys].filter((key) => !seen.has(key) || unwanted.includes(key)));
  } catch {
    engine.ctx.signal.throwIfAborted();
    return new Set();
  }
}
