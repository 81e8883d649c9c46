import type { Platform } from '../../core/artifacts.ts';
import type { Fact } from '../../core/facts.ts';
import { platformOf } from '../../core/platform.ts';
import { reading } from '../../core/reading.ts';

/** What a host's programs must be made for. Rejects with `ARTIFACT.PLATFORM` where nobody makes any. */
export const hostPlatform = (host: string): Fact<Platform> => ({
  name: `platform of ${host}`,
  async read(ctx) {
    const { stdout } = await ctx.host(host).query(reading(['uname', '-sm']));
    const [system = '', machine = ''] = stdout.trim().split(' ');
    return platformOf(system, machine);
  },
});
