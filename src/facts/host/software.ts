import type { Fact } from '../../core/facts.ts';
import { askAll } from '../../host/ask-all.ts';
import { type HostSoftware, softwareOf, softwareQuestions } from '../../host/software.ts';

/** What is on a host, in one round trip. */
export const hostSoftware = (host: string): Fact<HostSoftware> => ({
  name: `host-software ${host}`,
  read: async (ctx) => softwareOf(await askAll(ctx.host(host), softwareQuestions)),
});
