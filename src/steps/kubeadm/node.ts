import { z } from 'zod';
import type { Writer } from '../../core/context.ts';
import { defineStep } from '../../core/define-step.ts';
import { isUnreachable } from '../../core/errors.ts';
import type { Claim, Command, ElementChange, Seen } from '../../core/step.ts';
import type { Query } from '../../core/transport.ts';
import { type Joining, joinCluster, joiningCommands, type Remains } from '../../kubeadm/join.ts';
import { leaveCluster, leavingCommands } from '../../kubeadm/leave.ts';
import { clearingCommands, clearLeftovers } from '../../kubeadm/leftovers.ts';
import { Member, memberOf, memberQuestions, nodeAddress } from '../../kubeadm/member.ts';
import { markBegun } from '../../kubeadm/owner.ts';
import { ADMIN_CONF } from '../../kubeadm/paths.ts';
import { resetCommands, resetHost } from '../../kubeadm/run.ts';
import { MARKER_QUESTION, stageOf } from '../../kubeadm/stage.ts';
import { deleteTokens, deleteTokensCommand, tokenName } from '../../kubeadm/tokens.ts';
import { kubeadmControlPlane } from './control-plane.ts';

/**
 * `controlPlane` is the host where the cluster was made, `asked` another one to ask, or several of which any will do; `api` the address and
 * port there, or the endpoint that control planes share.
 */
const Place = z.strictObject({
  host: z.string(),
  cluster: z.string(),
  name: z.string(),
  controlPlane: z.string(),
  asked: z.string().optional(),
  api: z.string(),
  criSocket: z.string(),
  pods: z.string(),
});
export type KubeadmNodePlace = z.infer<typeof Place>;

/** The only element: what stands on the node goes with it. */
export const NODE = 'node';

/** The wish for a node of the cluster that has this certificate authority. */
export const joinedNode = (
  wish: Omit<Extract<Member, { stage: 'joined' }>, 'stage'>,
): readonly (readonly [string, Member])[] => [[NODE, { stage: 'joined', ...wish }]];

/** A host that has joined a cluster: a worker, or a further control plane. */
export const kubeadmNode = defineStep<KubeadmNodePlace, Member>({
  kind: 'kubeadm.node',
  place: Place,
  value: Member,
  undo: 'down',
  id: ({ host }) => host,
  title: ({ name }) => `node ${name}`,
  host: ({ host }) => host,
  claim,
  describe: ({ from, to }) => {
    if (!to) return 'the node is drained, leaves the cluster and is reset';
    const role = to.stage === 'joined' ? to.role : 'node';
    if (from?.stage === 'begun' && from.damaged) return `${role}: files are missing there, it is reset and joins anew`;
    return from ? `${role}: what was begun is made anew` : `${role} joins`;
  },
  risk: ({ from, to }, { name }) => {
    if (!to) return { risk: 'destructive', why: `the node ${name}, with the pods on it` };
    return from?.stage === 'joined' || from?.damaged
      ? { risk: 'disruptive', why: `the pods on ${name}` }
      : { risk: 'additive' };
  },

  async read(ctx, { host, cluster }) {
    const found = memberOf(await ctx.host(host).queryAll(memberQuestions), cluster);
    if (!found) return new Map();
    const { value, ours } = found;
    return new Map([[NODE, { value, mark: ours ? 'ours' : 'other' } satisfies Seen<Member>]]);
  },

  commands: (place, changes) =>
    changes.flatMap((change) => (change.to ? joining(place, change) : leaving(place, change))),

  async write(ctx, place, changes) {
    for (const { from, to } of changes) {
      if (to?.stage === 'joined') await joinCluster(ctx, joiningOf(place, to), remainsOf(from), 'joined');
      else await leave(ctx, place, from);
    }
  },

  close: {
    id: ({ controlPlane, name }) => `kubeadm.tokens:${controlPlane}/${name}`,
    title: () => 'the token of the join is deleted',
    commands: (place) => [{ host: askedOf(place), argv: deleteTokensCommand(accessOf(place)) }],
    act: (ctx, place) => deleteTokens(ctx, accessOf(place), tokenName(place.cluster, place.name)),
  },
});

function claim(_: string, seen: Seen<Member> | undefined, want: Member, ours: boolean): Claim {
  if (!seen) return 'take';
  const { value } = seen;
  if (value.stage === 'begun')
    return ours
      ? 'take'
      : { conflict: 'somebody has begun a join there and not ended it: kubeadm reset if nobody needs it' };
  if (want.stage !== 'joined') return { conflict: 'the node is whole already' };
  if (value.cluster !== want.cluster)
    return ours
      ? 'take'
      : { conflict: `it is a node of somebody else's cluster (${value.cluster}): kubeadm reset if nobody needs it` };
  const words = (['role', 'address'] as const).flatMap((field) =>
    value[field] === want[field] ? [] : [`${field} ${value[field]} instead of ${want[field]}`],
  );
  if (words.length === 0) return 'leave';
  return { conflict: `the node has ${words.join(', ')}: take it out of the file, run up, and put it in again` };
}

const joiningOf = (place: KubeadmNodePlace, wish: Extract<Member, { stage: 'joined' }>): Joining => ({
  ...{ host: place.host, cluster: place.cluster, name: place.name, api: place.api, criSocket: place.criSocket },
  ...{ address: wish.address, role: wish.role, pin: wish.cluster, asked: askedOf(place) },
});

const remainsOf = (from: Member | undefined): Remains | undefined => {
  if (!from) return undefined;
  const theirs = !mayHaveEtcd(from);
  return { host: true, ...(theirs ? { etcd: 'theirs' as const } : hasEtcd(from) ? { etcd: 'ours' as const } : {}) };
};

async function leave(ctx: Writer, place: KubeadmNodePlace, from: Member | undefined): Promise<void> {
  const machine = ctx.host(place.host);
  const goes =
    ctx.isGoing(`${kubeadmControlPlane.kind}:${place.controlPlane}`) || (await isReset(ctx.host(place.controlPlane)));
  const member = mayHaveEtcd(from) ? { name: place.name, address: await nodeAddress(machine) } : undefined;
  await leaveCluster(ctx, accessOf(place), place.name, { drain: true, member, goes });
  ctx.progress('kubeadm reset');
  if (hasEtcd(from)) await markBegun(machine, place.cluster, { controlPlane: true });
  await resetHost(machine, place.criSocket, mayHaveEtcd(from));
  await clearLeftovers(machine, place.pods);
}

/** A first control plane of which nothing is left went in a run before, and its cluster with it. */
async function isReset(controlPlane: Query): Promise<boolean> {
  const markers = await controlPlane.query(MARKER_QUESTION).catch((error: unknown) => {
    if (!isUnreachable(error)) throw error;
  });
  return markers !== undefined && stageOf(markers) === 'none';
}

/** What was begun may have become anything, but for what is somebody else's. */
const mayHaveEtcd = (from: Member | undefined): boolean =>
  from?.stage === 'joined' ? from.role === 'control-plane' : from?.etcd !== 'theirs';

/** Whether there are data of the cluster's own etcd. */
const hasEtcd = (from: Member | undefined): boolean =>
  from?.stage === 'joined' ? from.role === 'control-plane' : from?.etcd === 'ours';

const joining = (place: KubeadmNodePlace, { from, to }: ElementChange<Member>): readonly Command[] =>
  to?.stage === 'joined' ? joiningCommands(joiningOf(place, to), remainsOf(from)) : [];

const leaving = (place: KubeadmNodePlace, { from }: ElementChange<Member>): readonly Command[] => [
  ...leavingCommands(accessOf(place), place.name, mayHaveEtcd(from)),
  ...[...resetCommands(place.criSocket, mayHaveEtcd(from)), ...clearingCommands(place.pods)].map((argv) => ({ argv })),
];

const askedOf = ({ asked, controlPlane }: KubeadmNodePlace): string => asked ?? controlPlane;
const accessOf = (place: KubeadmNodePlace) => ({ host: askedOf(place), kubeconfig: ADMIN_CONF });
