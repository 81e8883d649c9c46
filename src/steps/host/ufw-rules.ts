import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { reading } from '../../core/reading.ts';
import { parseUfwRules, ufwCommand } from '../../host/ufw.ts';
import { Within } from '../../host/within.ts';

const Place = z.strictObject({ host: z.string(), cluster: z.string(), within: Within });
export type HostUfwRulesPlace = z.infer<typeof Place>;

/** The wish for a rule, as `ufw show added` would print it: `allow from 10.1.20.0/24`, `route allow from 192.168.0.0/16`. */
export const ufwRule = (rule: string): readonly [string, true] => [rule, true];

/** Rules that let something through ufw, by their text. Ours bear the cluster's name in their comment. */
export const hostUfwRules = defineStep<HostUfwRulesPlace, true>({
  kind: 'host.ufw-rules',
  place: Place,
  value: z.literal(true),
  undo: 'down',
  id: ({ host, cluster }) => `${host}/${cluster}`,
  title: () => 'Firewall rules',
  host: ({ host }) => host,
  within: ({ within }) => within,
  claim: () => 'take',
  risk: ({ key, to }) => (to ? { risk: 'additive' } : { risk: 'disruptive', why: `ufw no longer has: ${key}` }),

  async read(ctx, { host, cluster }, keys) {
    const { stdout } = await ctx.host(host).query(reading(['ufw', 'show', 'added']));
    return new Map(
      parseUfwRules(stdout).flatMap(({ rule, comment }) => {
        const mark = comment === markOf(cluster) ? ('ours' as const) : ('other' as const);
        return mark === 'ours' || keys.has(rule) ? [[rule, { value: true as const, mark }] as const] : [];
      }),
    );
  },

  commands: ({ cluster }, changes) =>
    changes.map(({ key, to }) => ({ argv: ufwCommand(key, to ? markOf(cluster) : undefined) })),
});

const markOf = (cluster: string): string => `cpaas:${cluster}`;
