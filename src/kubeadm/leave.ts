import { z } from 'zod';
import type { Writer } from '../core/context.ts';
import { CpaasError, isUnreachable } from '../core/errors.ts';
import type { Command } from '../core/step.ts';
import type { KubeAccess } from '../kube/access.ts';
import { kubeFailure } from '../kube/failure.ts';
import { askJson, kubectl } from '../kube/kubectl.ts';
import { cannotLeave, type EtcdMember, leaveEtcd, leavingEtcdCommands } from './etcd.ts';
import { patiently } from './patience.ts';

/** Seconds that pods get to move elsewhere. */
const DRAIN = 120;

const cordon = (access: KubeAccess, node: string) => kubectl(access, 'cordon', node);
const emptied = (access: KubeAccess, node: string) =>
  kubectl(access, 'drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--force', `--timeout=${DRAIN}s`);
const forget = (access: KubeAccess, node: string) => kubectl(access, 'delete', 'node', node, '--ignore-not-found');

/** What `leaveCluster` sends, for people. */
export const leavingCommands = (access: KubeAccess, node: string, etcd: boolean): readonly Command[] => {
  const { host } = access;
  return [
    ...[cordon(access, node), emptied(access, node)].map((argv) => ({ host, argv })),
    ...(etcd ? leavingEtcdCommands(host) : []),
    { host, argv: forget(access, node) },
  ];
};

/**
 * Takes a node out of its cluster: its pods move where there is room for them, and the cluster forgets it. A worker whose cluster does
 * not answer is reset all the same. `member`: as what it may be in etcd, which it leaves whether or not the cluster has such a node; left
 * out where it is in none. `goes`: the whole cluster does in this run, and nothing of it need go on.
 * Rejects with `KUBEADM.DRAIN` where pods do not go, with `KUBEADM.ETCD` where the others in etcd would not be enough or nobody answers.
 */
export async function leaveCluster(
  ctx: Writer,
  access: KubeAccess,
  node: string,
  {
    drain,
    member,
    goes,
  }: { readonly drain: boolean; readonly member?: EtcdMember | undefined; readonly goes: boolean },
): Promise<void> {
  const ask = () => askJson(ctx, access, Nodes, 'get', 'nodes', '-o', 'json');
  const nodes = await (goes ? ask() : patiently(ask)).catch((error: unknown) => {
    if (!isSilent(error)) throw error;
    // alive or not, it may be what the others need to agree
    if (member && !goes) throw cannotLeave(member, error);
  });
  if (!nodes) return ctx.progress('its cluster does not answer: it is reset all the same');
  const isKnown = nodes.items.some(({ metadata }) => metadata.name === node);
  if (isKnown) {
    await must(ctx, access, cordon(access, node));
    if (drain && hasRoom(nodes.items, node)) await empty(ctx, access, node);
  }
  if (member)
    await leaveEtcd(ctx, access.host, member).catch((error: unknown) => {
      if (!goes || !isRefusal(error)) throw error;
      ctx.progress('its etcd cannot leave the others: it is reset all the same, they go too');
    });
  if (!isKnown) return;
  // before the cluster that has answered forgets it nothing may be reset: nobody would take the node away later
  const forgotten = () => must(ctx, access, forget(access, node));
  await (goes ? forgotten() : patiently(forgotten)).catch((error: unknown) => {
    // the address that they share may have been this one's, whose API has gone with its etcd
    if (!goes || !isSilent(error)) throw error;
    ctx.progress('its cluster does not answer any more: it is reset all the same, the others go too');
  });
}

const isSilent = (error: unknown): error is CpaasError =>
  isUnreachable(error) ||
  (error instanceof CpaasError && ['KUBE.UNREACHABLE', 'KUBE.CONFIG', 'KUBE.TRUST', 'KUBE.TOOL'].includes(error.code));

const isRefusal = (error: unknown): boolean => error instanceof CpaasError && error.code === 'KUBEADM.ETCD';

const Nodes = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: z
        .object({
          unschedulable: z.boolean().optional(),
          taints: z.array(z.object({ effect: z.string() })).optional(),
        })
        .optional(),
      status: z
        .object({
          conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
        })
        .optional(),
    }),
  ),
});

/** Whether another node takes pods. When a whole cluster goes all of its nodes are closed, and nothing needs to move. */
function hasRoom(items: z.infer<typeof Nodes>['items'], leaving: string): boolean {
  return items.some(
    ({ metadata, spec, status }) =>
      metadata.name !== leaving &&
      !spec?.unschedulable &&
      !spec?.taints?.some(({ effect }) => effect !== 'PreferNoSchedule') &&
      status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True'),
  );
}

async function empty(ctx: Writer, access: KubeAccess, node: string): Promise<void> {
  ctx.progress('its pods move elsewhere');
  const machine = ctx.host(access.host);
  const { code, stderr } = await machine.run(emptied(access, node), { codes: [1], timeout: (DRAIN + 30) * 1000 });
  if (code === 0) return;
  throw new CpaasError('KUBEADM.DRAIN', `the pods of node ${node} do not leave it`, {
    evidence: [{ label: 'answer', text: stderr.trim().split('\n').at(-1) ?? '' }],
    next: [
      { label: 'see what holds them', command: 'cpaas kubectl -- get pods,poddisruptionbudgets -A -o wide' },
      { label: 'goes on when they can go', command: 'cpaas up' },
    ],
  });
}

async function must(ctx: Writer, access: KubeAccess, argv: readonly string[]): Promise<void> {
  const machine = ctx.host(access.host);
  const output = await machine.run(argv, { codes: [1, 127] });
  if (output.code !== 0) throw kubeFailure(argv.slice(argv.indexOf('20s') + 1).join(' '), machine.name, output);
}
