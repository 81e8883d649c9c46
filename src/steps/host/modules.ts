import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { reading } from '../../core/reading.ts';
import type { Query } from '../../core/transport.ts';
import { Within } from '../../host/within.ts';

const Place = z.strictObject({ host: z.string(), cluster: z.string(), within: Within });
export type HostModulesPlace = z.infer<typeof Place>;

/**
 * Modules of a host's kernel that are loaded, or built into it. They are not unloaded again: others may use them by then, and they do
 * no harm until the next start.
 */
export const hostModules = defineStep<HostModulesPlace, true>({
  kind: 'host.modules',
  place: Place,
  value: z.literal(true),
  undo: 'never',
  id: ({ host, cluster }) => `${host}/${cluster}`,
  title: () => 'Kernel modules',
  host: ({ host }) => host,
  within: ({ within }) => within,
  claim: () => 'take',
  risk: () => ({ risk: 'additive' }),

  async read(ctx, { host }, keys) {
    const names = [...keys];
    const machine = ctx.host(host);
    const loaded = await machine.queryAll(
      names.map((name) => reading(['test', '-d', `/sys/module/${fileName(name)}`], { codes: [1] })),
    );
    const missing = names.filter((_, at) => loaded[at]?.code !== 0);
    const builtIn = missing.length > 0 ? await builtins(machine) : new Set<string>();
    return new Map(
      names
        .filter((name) => !missing.includes(name) || builtIn.has(fileName(name)))
        .map((name) => [name, { value: true }]),
    );
  },

  commands: (_, changes) => {
    const names = changes.flatMap(({ key, to }) => (to ? [key] : []));
    return names.length > 0 ? [{ argv: ['modprobe', '-a', ...names] }] : [];
  },
});

/** The kernel writes names with underscores. */
const fileName = (name: string): string => name.replaceAll('-', '_');

/** What is built into the kernel is listed beside its modules, as `kernel/net/bridge/br_netfilter.ko`. */
async function builtins(machine: Query): Promise<ReadonlySet<string>> {
  const release = (await machine.query(reading(['uname', '-r']))).stdout.trim();
  const list = (await machine.read(`/lib/modules/${release}/modules.builtin`)) ?? '';
  return new Set([...list.matchAll(/([^/\n]+)\.ko$/gm)].map(([, name = '']) => fileName(name)));
}
