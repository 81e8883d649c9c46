import type { Writer } from '../core/context.ts';
import type { Command } from '../core/step.ts';
import { joinConfig } from './config.ts';
import { leaveEtcd, leavingEtcdCommands } from './etcd.ts';
import { joinFailure } from './failures.ts';
import { leaveCluster } from './leave.ts';
import { markBegun, markReady, type Owner } from './owner.ts';
import { ADMIN_CONF } from './paths.ts';
import { kubeadmWithConfig, resetCommands, resetHost, runKubeadm } from './run.ts';
import { mintCommand, mintToken, tokenName, uploadCertificates, uploadCommand, withoutSecrets } from './tokens.ts';

/** A host that joins a cluster. */
export interface Joining {
  readonly host: string;
  readonly cluster: string;
  /** The node's. */
  readonly name: string;
  readonly address: string;
  readonly role: 'control-plane' | 'worker';
  /** The control plane that lets it in, a key of the host table. */
  readonly asked: string;
  /** `HOST:PORT`, and what the certificate authority there is known by. */
  readonly api: string;
  readonly pin: string;
  readonly criSocket: string;
}

/** What is there of an earlier try, or of the node that had its name before. */
export interface Remains {
  /** Whether there is anything on the host. */
  readonly host: boolean;
  /** Whose the data of an etcd are that are there. */
  readonly etcd?: 'ours' | 'theirs';
}

const JOIN = kubeadmWithConfig('join');

/**
 * Lets a host join, with a token and a key that are made for it. Whatever stands there already is reset first, and the cluster forgets it:
 * half a join is in the way of a whole one. `how`: what the mark says of it at the end.
 */
export async function joinCluster(
  ctx: Writer,
  joining: Joining,
  remains: Remains | undefined,
  how: NonNullable<Owner['how']>,
): Promise<void> {
  const { host, cluster, name, address, role, asked, api, pin, criSocket } = joining;
  const machine = ctx.host(host);
  const helper = ctx.host(asked);
  const controlPlane = role === 'control-plane';
  // what a cut leaves of an etcd is known by it
  await markBegun(machine, cluster, { how, controlPlane: controlPlane || remains?.etcd === 'ours' });
  if (remains) {
    await leaveEtcd(ctx, asked, { name, address });
    if (remains.host) {
      ctx.progress('kubeadm reset');
      await resetHost(machine, criSocket, remains.etcd !== 'theirs');
    }
    // after it: a kubelet that still runs would come back
    await leaveCluster(ctx, { host: asked, kubeconfig: ADMIN_CONF }, name, { drain: false, goes: false });
  }
  ctx.progress('kubeadm join');
  const secrets: string[] = [];
  const kept = (secret: string): string => {
    secrets.push(secret);
    return secret;
  };
  try {
    const token = kept(await mintToken(helper, tokenName(cluster, name)));
    const certificateKey = controlPlane ? kept(await uploadCertificates(helper)) : undefined;
    const secret = { token, ...(certificateKey === undefined ? {} : { certificateKey }) };
    await runKubeadm(machine, 'join', JOIN, joinConfig({ name, address, criSocket }, { api, pin, ...secret }));
  } catch (error) {
    throw joinFailure(withoutSecrets(error, secrets), name);
  }
  await markReady(machine, cluster, { how, controlPlane });
}

/** What `joinCluster` sends, for people. */
export function joiningCommands(
  { cluster, name, address, role, asked, api, pin, criSocket }: Omit<Joining, 'host'>,
  remains: Remains | undefined,
): readonly Command[] {
  const further = role === 'control-plane';
  const secret = { token: '<token>', ...(further ? { certificateKey: '<key>' } : {}) };
  return [
    ...(remains ? leavingEtcdCommands(asked) : []),
    ...(remains?.host ? resetCommands(criSocket, remains.etcd !== 'theirs').map((argv) => ({ argv })) : []),
    { host: asked, argv: mintCommand(tokenName(cluster, name)) },
    ...(further ? [{ host: asked, ...uploadCommand }] : []),
    { argv: JOIN, stdin: joinConfig({ name, address, criSocket }, { api, pin, ...secret }) },
  ];
}
