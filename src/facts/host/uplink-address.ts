import { z } from 'zod';
import type { Fact } from '../../core/facts.ts';
import { reading } from '../../core/reading.ts';

const Got = z.array(z.object({ prefsrc: z.string().optional() })).min(1);

/** The address that a machine uses towards a router, or by default; nothing where it knows no way there. */
export const uplinkAddress = (host: string, router?: string): Fact<string | undefined> => ({
  name: `uplink-address ${host} towards ${router ?? 'everything'}`,
  async read(ctx) {
    const target = router ?? '192.0.2.1';
    const asked = reading(['ip', '-json', 'route', 'get', target], { codes: [1, 2, 127] });
    const { code, stdout } = await ctx.host(host).query(asked);
    return code === 0 ? Got.safeParse(JSON.parse(stdout)).data?.[0]?.prefsrc : undefined;
  },
});
