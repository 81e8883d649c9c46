import { isDeepStrictEqual as same } from 'node:util';
import { z } from 'zod';
import type { Reader } from '../../core/context.ts';
import { defineStep } from '../../core/define-step.ts';
import { reading } from '../../core/reading.ts';
import type { Claim, Command, ElementChange, Seen } from '../../core/step.ts';
import { type ClusterConfig, initConfig } from '../../kubeadm/config.ts';
import { ControlPlane, controlPlaneQuestions, foundControlPlane } from '../../kubeadm/control-plane.ts';
import { initFailure } from '../../kubeadm/failures.ts';
import { clearingCommands, clearLeftovers } from '../../kubeadm/leftovers.ts';
import { markBegun, markReady } from '../../kubeadm/owner.ts';
import { ADMIN_CONF } from '../../kubeadm/paths.ts';
import { kubeadmWithConfig, resetCommands, resetHost, runKubeadm } from '../../kubeadm/run.ts';
import { MARKER_QUESTION, stageOf } from '../../kubeadm/stage.ts';
import { deleteTokens, deleteTokensCommand, tokenName } from '../../kubeadm/tokens.ts';
import { upgradeByHand } from '../../kubeadm/upgrade.ts';

/** `name` is the node's. `pods` tells which routes are the cluster's when it is taken down. */
const Place = z.strictObject({
  host: z.string(),
  cluster: z.string(),
  name: z.string(),
  criSocket: z.string(),
  pods: z.string(),
});
export type KubeadmControlPlanePlace = z.infer<typeof Place>;
type Change = ElementChange<ControlPlane>;

/** The only element: everything in the cluster stands within it. */
export const CLUSTER = 'cluster';

/** The wish for a cluster whose API is at an address. */
export const readyControlPlane = (
  { version, pods, services, endpoint }: Omit<ClusterConfig, 'cluster'>,
  address: string,
): readonly (readonly [string, ControlPlane])[] => [
  [CLUSTER, { stage: 'ready', version, address, pods, services, ...(endpoint === undefined ? {} : { endpoint }) }],
];

/** The first control plane of a cluster, with which the cluster comes and goes: a set of one. */
export const kubeadmControlPlane = defineStep<KubeadmControlPlanePlace, ControlPlane>({
  kind: 'kubeadm.control-plane',
  place: Place,
  value: ControlPlane,
  undo: 'down',
  id: ({ host }) => host,
  title: () => 'control plane',
  host: ({ host }) => host,
  claim,
  describe: ({ from, to }) => {
    if (!to) return 'the cluster, with everything in it';
    const version = to.stage === 'ready' ? `, Kubernetes ${to.version}` : '';
    return from ? `control plane: what was begun is brought to its end${version}` : `control plane${version}`;
  },
  risk: ({ to }, { cluster }) =>
    to ? { risk: 'additive' } : { risk: 'destructive', why: `the cluster ${cluster}, with everything in it` },

  async read(ctx, { host, cluster }) {
    const found = foundControlPlane(await ctx.host(host).queryAll(controlPlaneQuestions(host)), cluster);
    if (!found) return new Map();
    const mark = found.owner?.cluster === cluster ? 'ours' : 'other';
    return new Map([[CLUSTER, { value: found.value, mark } satisfies Seen<ControlPlane>]]);
  },

  commands: (place, changes) =>
    changes.flatMap((change): Command[] =>
      change.to
        ? [{ argv: initCommand(change.from !== undefined), stdin: configFile(place, change, false) }]
        : [...resetCommands(place.criSocket, true), ...clearingCommands(place.pods)].map((argv) => ({ argv })),
    ),

  async write(ctx, place, changes) {
    const machine = ctx.host(place.host);
    for (const change of changes) {
      if (change.to) {
        ctx.progress('kubeadm init');
        await markBegun(machine, place.cluster);
        const fixed = await hasFixedConntrack(ctx, place);
        const again = stageOf(await machine.query(MARKER_QUESTION)) !== 'none';
        await runKubeadm(machine, 'init', initCommand(again), configFile(place, change, fixed)).catch(
          (error: unknown) => {
            throw initFailure(error, machine.name);
          },
        );
        await markReady(machine, place.cluster, 'made');
      } else {
        ctx.progress('kubeadm reset');
        // cut off, it is as unfinished as an init: up begins anew where down does not go on
        await markBegun(machine, place.cluster);
        await resetHost(machine, place.criSocket, true);
        await clearLeftovers(machine, place.pods);
      }
    }
  },

  close: {
    id: ({ host }) => `kubeadm.tokens:${host}`,
    title: () => 'the token of the init is deleted',
    commands: (place) => [{ argv: deleteTokensCommand(accessOf(place)) }],
    act: (ctx, place) => deleteTokens(ctx, accessOf(place), tokenName(place.cluster, place.name)),
  },
});

function claim(_: string, seen: Seen<ControlPlane> | undefined, want: ControlPlane, ours: boolean): Claim {
  if (!seen) return 'take';
  const { value } = seen;
  if (same(value, want)) return 'leave';
  if (value.stage !== 'ready') return unfinished(value.stage, ours);
  if (want.stage !== 'ready') return { conflict: 'the control plane is whole already' };
  if (value.version !== want.version) return { conflict: upgradeByHand(value.version, want.version) };
  const words = (['address', 'pods', 'services', 'endpoint'] as const).flatMap((field) =>
    value[field] === want[field]
      ? []
      : [`${field} ${value[field] ?? 'not set'} instead of ${want[field] ?? 'not set'}`],
  );
  return {
    conflict: `the cluster there has ${words.join(', ')}, which cannot be changed later: correct the file, or take that cluster down first`,
  };
}

function unfinished(stage: 'begun' | 'silent' | 'joined', ours: boolean): Claim {
  if (stage === 'joined')
    return {
      conflict:
        'it has joined the cluster, which was made on another machine: that one stays the first control plane of the file',
    };
  if (stage === 'silent')
    return {
      conflict: 'the control plane is there, and its API does not answer: journalctl -u kubelet there says why',
    };
  if (ours) return 'take';
  return { conflict: 'somebody has begun a control plane there and not ended it: kubeadm reset if nobody needs it' };
}

/** What a cut has left is in the way of kubeadm's own checks, and is taken up where it is. */
const initCommand = (again: boolean): readonly string[] =>
  kubeadmWithConfig('init', '--skip-token-print', ...(again ? ['--ignore-preflight-errors=all'] : []));

function configFile({ cluster, name, criSocket }: KubeadmControlPlanePlace, { to }: Change, fixedConntrack: boolean) {
  if (to?.stage !== 'ready') throw new Error('only a whole control plane can be wished for');
  const { address, stage: _, ...config } = to;
  const node = { name, address, criSocket };
  return initConfig({ cluster, ...withoutEndpoint(config) }, node, { token: tokenName(cluster, name), fixedConntrack });
}

const withoutEndpoint = ({
  endpoint,
  ...config
}: Omit<Extract<ControlPlane, { stage: 'ready' }>, 'stage' | 'address'>) => ({
  ...config,
  ...(endpoint === undefined ? {} : { endpoint }),
});

/** In a container the size of the connection tracking table can only be read. */
async function hasFixedConntrack(ctx: Reader, { host }: KubeadmControlPlanePlace): Promise<boolean> {
  const question = reading(['stat', '-c', '%a', '/proc/sys/net/netfilter/nf_conntrack_max'], { codes: [1] });
  return (await ctx.host(host).query(question)).stdout.trim() === '444';
}

const accessOf = ({ host }: KubeadmControlPlanePlace) => ({ host, kubeconfig: ADMIN_CONF });
