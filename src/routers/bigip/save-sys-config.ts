import type { Closing } from '../../core/step.ts';
import type { UnitPlace } from './place.ts';

const SAVE = ['tmsh', 'save', 'sys', 'config'] as const;

/** Saves what tmsh changed, once for all places of a unit. imish's configuration is saved apart. */
export const saveSysConfig: Closing<Pick<UnitPlace, 'host' | 'unit'>> = {
  id: ({ unit }) => `save sys config:${unit}`,
  title: () => 'save sys config',
  commands: () => [{ argv: SAVE }],
  async act(ctx, { host }) {
    await ctx.host(host).run(SAVE, { timeout: 120_000 });
    return undefined;
  },
};
