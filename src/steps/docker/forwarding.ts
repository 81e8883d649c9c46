import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { reading } from '../../core/reading.ts';
import type { Command, ElementChange, Seen } from '../../core/step.ts';
import { accept, dockerRule, effective, keepAddresses, standIn } from '../../host/docker-rules.ts';
import { parseRules, type Rule } from '../../host/iptables.ts';
import { restoreRefused, restoreScript } from '../../host/iptables-restore.ts';
import { Within } from '../../host/within.ts';

/** `nodes` is a CIDR; `flavour` only where Docker's rules are not in the one that plain `iptables` means. */
const Place = z.strictObject({
  host: z.string(),
  cluster: z.string(),
  uplink: z.string(),
  bridge: z.string(),
  nodes: z.string(),
  flavour: z.enum(['nft', 'legacy']).optional(),
  within: Within,
});
export type DockerForwardingPlace = z.infer<typeof Place>;
/** `rule` is all that follows `-A CHAIN`. Effective: no rule before it takes its packets away. */
const Forwarding = z.strictObject({ table: z.string(), chain: z.string(), rule: z.string(), effective: z.boolean() });
export type ForwardingRule = z.infer<typeof Forwarding>;

/** The wishes for a router that the nodes peer with. */
export const forwardRouter = (
  place: DockerForwardingPlace,
  address: string,
): readonly (readonly [string, ForwardingRule])[] =>
  [accept(address, 'filter'), accept(address, 'raw'), keepAddresses(address)].map((key) => wish(place, key));

/** The wishes for a further address, or network, that traffic to the pods may come from. */
export const forwardSource = (
  place: DockerForwardingPlace,
  source: string,
): readonly (readonly [string, ForwardingRule])[] =>
  [accept(source, 'filter'), accept(source, 'raw')].map((key) => wish(place, key));

/** Rules of ours among Docker's, on a machine whose containers are the nodes; each bears the comment `cpaas:<cluster>:<key>`. */
export const dockerForwarding = defineStep<DockerForwardingPlace, ForwardingRule>({
  kind: 'docker.forwarding',
  place: Place,
  value: Forwarding,
  undo: 'down',
  id: ({ host, cluster }) => `${host}/${cluster}`,
  title: ({ cluster }) => `Forwarding to the nodes of ${cluster}`,
  host: ({ host }) => host,
  within: ({ within }) => within,
  // Somebody else's rule is seen only when it does what ours would.
  claim: (_, seen, __, ours) => (!seen || ours ? 'take' : 'leave'),
  describe: ({ key, from, to }) =>
    from && from.rule === to?.rule ? `${key}: moved before the rule that takes its packets` : key,
  risk: ({ key, to }) =>
    to ? { risk: 'additive' } : { risk: 'disruptive', why: `packets are handled as Docker does: no longer ${key}` },

  async read(ctx, place, keys) {
    const { stdout } = await ctx.host(place.host).query(reading([program('save', place)]));
    const { rules } = parseRules(stdout);
    const found = new Map<string, Seen<ForwardingRule>>();
    for (const key of keys) {
      const mine = dockerRule(key, place, tag(place) + key);
      const theirs = mine && standIn(mine, rules);
      if (theirs) found.set(key, { value: value(theirs, true), mark: 'other' });
    }
    for (const rule of rules.filter(({ comment }) => comment?.startsWith(tag(place))).toReversed())
      found.set(rule.comment?.slice(tag(place).length) ?? '', {
        value: value(rule, effective(rule, rules)),
        mark: 'ours',
      });
    return found;
  },

  commands: restore,

  async write(ctx, place, changes) {
    const machine = ctx.host(place.host);
    for (const { argv, stdin = '' } of restore(place, changes)) {
      const { code, stderr } = await machine.run(argv, { stdin, codes: [1, 2, 3, 4] });
      if (code === 0) continue;
      const { stdout } = await machine.query(reading([program('save', place)]));
      throw restoreRefused(machine.name, stdin, stderr, parseRules(stdout).chains);
    }
  },
});

const tag = ({ cluster }: DockerForwardingPlace): string => `cpaas:${cluster}:`;
const program = (verb: 'save' | 'restore', { flavour }: DockerForwardingPlace): string =>
  ['iptables', flavour, verb].filter(Boolean).join('-');
const value = ({ table, chain, spec }: Rule, effective: boolean): ForwardingRule => ({
  table,
  chain,
  rule: spec,
  effective,
});

function wish(place: DockerForwardingPlace, key: string): readonly [string, ForwardingRule] {
  const rule = dockerRule(key, place, tag(place) + key);
  if (!rule) throw new Error(`no rule is known as ${key}`);
  return [key, value(rule, true)];
}

function restore(place: DockerForwardingPlace, changes: readonly ElementChange<ForwardingRule>[]): readonly Command[] {
  const stdin = restoreScript(
    changes.flatMap(({ from }) => from ?? []),
    changes.flatMap(({ to }) => to ?? []),
  );
  return stdin === undefined ? [] : [{ argv: [program('restore', place), '-w', '5', '--noflush'], stdin }];
}
