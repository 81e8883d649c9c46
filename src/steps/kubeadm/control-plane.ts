import { isDeepStrictEqual as same } from 'node:util';
import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import type { Claim, Command, ElementChange, Past, Seen } from '../../core/step.ts';
import type { ClusterConfig } from '../../kubeadm/config.ts';
import {
  ControlPlane,
  controlPlaneQuestions,
  foundControlPlane,
  type WholeControlPlane,
} from '../../kubeadm/control-plane.ts';
import { initCluster, initCommands, leftOn } from '../../kubeadm/init.ts';
import { type Joining, joinCluster, joiningCommands } from '../../kubeadm/join.ts';
import { clearingCommands, clearLeftovers } from '../../kubeadm/leftovers.ts';
import { markBegun } from '../../kubeadm/owner.ts';
import { ADMIN_CONF } from '../../kubeadm/paths.ts';
import { resetCommands, resetHost } from '../../kubeadm/run.ts';
import { deleteTokens, deleteTokensCommand, tokenName } from '../../kubeadm/tokens.ts';
import { upgradeByHand } from '../../kubeadm/upgrade.ts';

/** Another control plane of the cluster that is whole: its key in the host table, the API, and what its certificate authority is known by. */
const Living = z.strictObject({ asked: z.string(), api: z.string(), pin: z.string() });
type Living = z.infer<typeof Living>;

/**
 * `name` is the node's. `pods` tells which routes are the cluster's when it is taken down. `living`: where the cluster lives, when it is
 * gone from this host; `silent`: names of control planes that do not say whether it lives there.
 */
const Place = z.strictObject({
  host: z.string(),
  cluster: z.string(),
  name: z.string(),
  criSocket: z.string(),
  pods: z.string(),
  living: Living.optional(),
  silent: z.array(z.string()).optional(),
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
  describe: ({ from, to }, { living }) => {
    if (!to) return 'the cluster, with everything in it';
    const version = to.stage === 'ready' ? `, Kubernetes ${to.version}` : '';
    if (living) return `control plane: joins its cluster again, which lives on${version}`;
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
        ? [...making(place, change)]
        : [...resetCommands(place.criSocket, true), ...clearingCommands(place.pods)].map((argv) => ({ argv })),
    ),

  async write(ctx, place, changes) {
    const machine = ctx.host(place.host);
    for (const { to } of changes) {
      if (to?.stage === 'ready') {
        const left = await leftOn(machine, place.cluster);
        await (place.living
          ? joinCluster(ctx, returning(place, place.living, to), left, 'made')
          : initCluster(ctx, place, to, left));
      } else {
        ctx.progress('kubeadm reset');
        // cut off, it is as unfinished as an init: up begins anew where down does not go on
        await markBegun(machine, place.cluster, { controlPlane: true });
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

function claim(
  _: string,
  seen: Seen<ControlPlane> | undefined,
  want: ControlPlane,
  ours: boolean,
  { name, living, silent = [] }: KubeadmControlPlanePlace,
  { cause }: Past,
): Claim {
  const gone = cause === 'drift' && !seen;
  if (!living && (gone ? silent.length > 0 : seen?.value.stage === 'returning'))
    return {
      conflict: `the cluster was made there and is gone from it, and may live on ${silent.join(', ') || 'another control plane'}, which cannot be asked: bring that back, or give the cluster up (cpaas forget ${name})`,
    };
  if (!seen) return 'take';
  const { value } = seen;
  if (same(value, want)) return 'leave';
  if (value.stage === 'returning') return 'take';
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

/** The host joins the cluster again which was made on it. */
const returning = (
  { host, cluster, name, criSocket }: KubeadmControlPlanePlace,
  { asked, api, pin }: Living,
  { address }: Pick<WholeControlPlane, 'address'>,
): Joining => ({ host, cluster, name, criSocket, asked, api, pin, address, role: 'control-plane' });

function making(place: KubeadmControlPlanePlace, { from, to }: Change): readonly Command[] {
  if (to?.stage !== 'ready') return [];
  if (place.living) return joiningCommands(returning(place, place.living, to), { host: from !== undefined });
  return initCommands(place, to, from !== undefined);
}

const accessOf = ({ host, living }: KubeadmControlPlanePlace) => ({
  host: living?.asked ?? host,
  kubeconfig: ADMIN_CONF,
});
