import { z } from 'zod';
import type { Writer } from '../../core/context.ts';
import { defineStep } from '../../core/define-step.ts';
import { isUnreachable } from '../../core/errors.ts';
import type { Claim, Command, ElementChange, Seen } from '../../core/step.ts';
import type { Query } from '../../core/transport.ts';
import { joinConfig } from '../../kubeadm/config.ts';
import { leaveEtcd, leavingEtcdCommands } from '../../kubeadm/etcd.ts';
import { joinFailure } from '../../kubeadm/failures.ts';
import { leaveCluster, leavingCommands } from '../../kubeadm/leave.ts';
import { clearingCommands, clearLeftovers } from '../../kubeadm/leftovers.ts';
import { Member, memberOf, memberQuestions, nodeAddress } from '../../kubeadm/member.ts';
import { markBegun, markReady } from '../../kubeadm/owner.ts';
import { ADMIN_CONF } from '../../kubeadm/paths.ts';
import { kubeadmWithConfig, resetCommands, resetHost, runKubeadm } from '../../kubeadm/run.ts';
import { MARKER_QUESTION, stageOf } from '../../kubeadm/stage.ts';
import {
  deleteTokens,
  deleteTokensCommand,
  mintCommand,
  mintToken,
  tokenName,
  uploadCertificates,
  uploadCommand,
  withoutSecrets,
} from '../../kubeadm/tokens.ts';
import { kubeadmControlPlane } from './control-plane.ts';

/** `controlPlane` is the host where the cluster was made, `api` its address and port, or the endpoint that control planes share. */
const Place = z.strictObject({
  host: z.string(),
  cluster: z.string(),
  name: z.string(),
  controlPlane: z.string(),
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
    return from ? `${role}: what was begun is made anew` : `${role} joins`;
  },
  risk: ({ from, to }, { name }) => {
    if (!to) return { risk: 'destructive', why: `the node ${name}, with the pods on it` };
    return from?.stage === 'joined' ? { risk: 'disruptive', why: `the pods on ${name}` } : { risk: 'additive' };
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
      if (to?.stage === 'joined') await join(ctx, place, to, from);
      else await leave(ctx, place, from);
    }
  },

  close: {
    id: ({ controlPlane, name }) => `kubeadm.tokens:${controlPlane}/${name}`,
    title: () => 'the token of the join is deleted',
    commands: (place) => [{ host: place.controlPlane, argv: deleteTokensCommand(accessOf(place)) }],
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

/** Whatever stands there already is reset first: half a join is in the way of a whole one. */
async function join(
  ctx: Writer,
  place: KubeadmNodePlace,
  wish: Extract<Member, { stage: 'joined' }>,
  from: Member | undefined,
): Promise<void> {
  const machine = ctx.host(place.host);
  const controlPlane = ctx.host(place.controlPlane);
  await markBegun(machine, place.cluster);
  if (from) {
    await leaveEtcd(ctx, place.controlPlane, { name: place.name, address: wish.address });
    ctx.progress('kubeadm reset');
    await resetHost(machine, place.criSocket, mayHaveEtcd(from));
    // after it: a kubelet that still runs would come back
    await leaveCluster(ctx, accessOf(place), place.name, { drain: false, goes: false });
  }
  ctx.progress('kubeadm join');
  const secrets: string[] = [];
  const kept = (secret: string): string => {
    secrets.push(secret);
    return secret;
  };
  try {
    const token = kept(await mintToken(controlPlane, tokenName(place.cluster, place.name)));
    const certificateKey = wish.role === 'control-plane' ? kept(await uploadCertificates(controlPlane)) : undefined;
    const file = joinConfig(
      { name: place.name, address: wish.address, criSocket: place.criSocket },
      { api: place.api, token, pin: wish.cluster, ...(certificateKey === undefined ? {} : { certificateKey }) },
    );
    await runKubeadm(machine, 'join', JOIN, file);
  } catch (error) {
    throw joinFailure(withoutSecrets(error, secrets), place.name);
  }
  await markReady(machine, place.cluster, 'joined');
}

async function leave(ctx: Writer, place: KubeadmNodePlace, from: Member | undefined): Promise<void> {
  const machine = ctx.host(place.host);
  const goes =
    ctx.isGoing(`${kubeadmControlPlane.kind}:${place.controlPlane}`) || (await isReset(ctx.host(place.controlPlane)));
  const member = mayHaveEtcd(from) ? { name: place.name, address: await nodeAddress(machine) } : undefined;
  await leaveCluster(ctx, accessOf(place), place.name, { drain: true, member, goes });
  ctx.progress('kubeadm reset');
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

/** What was begun may have become anything. */
const mayHaveEtcd = (from: Member | undefined): boolean => from?.stage !== 'joined' || from.role === 'control-plane';

const JOIN = kubeadmWithConfig('join');

function joining(place: KubeadmNodePlace, { from, to }: ElementChange<Member>): readonly Command[] {
  if (to?.stage !== 'joined') return [];
  const { controlPlane, name, criSocket, api } = place;
  const further = to.role === 'control-plane';
  const file = joinConfig(
    { name, address: to.address, criSocket },
    { api, token: '<token>', pin: to.cluster, ...(further ? { certificateKey: '<key>' } : {}) },
  );
  return [
    ...(from
      ? [...leavingEtcdCommands(controlPlane), ...resetCommands(criSocket, mayHaveEtcd(from)).map((argv) => ({ argv }))]
      : []),
    { host: controlPlane, argv: mintCommand(tokenName(place.cluster, name)) },
    ...(further ? [{ host: controlPlane, ...uploadCommand }] : []),
    { argv: JOIN, stdin: file },
  ];
}

const leaving = (place: KubeadmNodePlace, { from }: ElementChange<Member>): readonly Command[] => [
  ...leavingCommands(accessOf(place), place.name, mayHaveEtcd(from)),
  ...[...resetCommands(place.criSocket, mayHaveEtcd(from)), ...clearingCommands(place.pods)].map((argv) => ({ argv })),
];

const accessOf = ({ controlPlane }: KubeadmNodePlace) => ({ host: controlPlane, kubeconfig: ADMIN_CONF });
