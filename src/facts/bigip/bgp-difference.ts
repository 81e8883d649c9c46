import { z } from 'zod';
import type { RouterDiff } from '../../core/bgp-documents.ts';
import type { Fact } from '../../core/facts.ts';
import type { ElementChange, Step } from '../../core/step.ts';
import { settlingConfig } from '../../routers/bigip/change/running.ts';
import { LineValue } from '../../routers/bigip/config/lines.ts';
import { linesOf } from '../../routers/bigip/config/order.ts';
import { typedIn } from '../../routers/bigip/config/typed-in.ts';
import { differences } from '../../routers/bigip/saving/difference.ts';
import { savedConfig } from '../../routers/bigip/saving/saved.ts';

/** How the BGP of a unit's route domain differs: from what is wanted, and from what a restart brings back. */
type BgpDifference = Pick<RouterDiff, 'enabled' | 'wanted' | 'unsaved'> & { readonly routeDomain: number };

const Place = z.object({ host: z.string(), routeDomain: z.number(), asNumber: z.number(), cluster: z.string() });

/** `step` is a router's BGP, and `changes` what it would change. Somebody else's lines are wanted as they are. */
export const bgpDifference = (
  { id, place }: Pick<Step, 'id' | 'place'>,
  changes: readonly ElementChange[],
): Fact<BgpDifference> => ({
  name: `difference of ${id}`,
  async read(ctx) {
    const where = Place.parse(place);
    const [{ enabled, config }, saved] = await Promise.all([settlingConfig(ctx, where), savedConfig(ctx, where)]);
    const meant = changes.map((each) => ({
      ...each,
      from: value(each.from),
      to: value(each.to),
      before: value(each.before),
    }));
    const wanted = typedIn(config, linesOf(meant, { ...where, current: config }));
    return {
      routeDomain: where.routeDomain,
      enabled,
      wanted: differences(config, wanted, { from: 'running', to: 'wanted' }),
      unsaved: enabled ? differences(saved, config, { from: 'saved', to: 'running' }) : [],
    };
  },
});

const value = (raw: unknown): LineValue | undefined => (raw === undefined ? undefined : LineValue.parse(raw));
