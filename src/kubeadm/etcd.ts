import { z } from 'zod';
import type { Writer } from '../core/context.ts';
import { CpaasError } from '../core/errors.ts';
import { reading } from '../core/reading.ts';
import type { Command } from '../core/step.ts';
import { parseAnswer } from '../host/answer.ts';
import { kubeFailure } from '../kube/failure.ts';
import { ETCD_MANIFEST, PKI } from './paths.ts';
import { patiently } from './patience.ts';

/**
 * Asks the etcd of a control plane. etcd answers in JSON besides (3.5 and later), and kubectl is what every control plane has that can
 * send a request with a certificate.
 */
const etcd = (call: string): readonly string[] => [
  ...['kubectl', '--kubeconfig', '/dev/null', '--request-timeout', '20s', '--server', 'https://127.0.0.1:2379'],
  ...['--certificate-authority', `${PKI}/etcd/ca.crt`, '--client-certificate', `${PKI}/apiserver-etcd-client.crt`],
  ...['--client-key', `${PKI}/apiserver-etcd-client.key`, 'create', '--raw', `/v3/cluster/member/${call}`, '-f', '-'],
];
const LIST = etcd('list');
/** Answered when there is one that leads. */
const AGREED = { linearizable: true };
const REMOVE = etcd('remove');

/** A member that has not started yet has no name. */
const Members = z.object({
  members: z.array(
    z.object({ ID: z.string(), name: z.string().default(''), peerURLs: z.array(z.string()).default([]) }),
  ),
});

/** As what a node is known in etcd: by its name, and before it has started by its address alone. */
export interface EtcdMember {
  readonly name: string;
  /** Left out where kubeadm has not come as far as to give it one. */
  readonly address?: string | undefined;
}

/** What `leaveEtcd` sends, for people. */
export const leavingEtcdCommands = (host: string): readonly Command[] => [
  { host, argv: LIST, stdin: JSON.stringify(AGREED) },
  { host, argv: REMOVE, stdin: '{"ID":"<of the node>"}' },
];

/**
 * Takes a node out of its cluster's etcd, if it is in there, while it is still alive to agree: of two members, none could go once one
 * has lost what it had. kubeadm's own reset does that only for a node that was brought to its end and that the cluster still knows,
 * and empties it all the same. `controlPlane` is the host that is asked; it comes back when the others are agreed again.
 * Rejects with `KUBEADM.ETCD` where they would not be enough, or do not answer.
 */
export async function leaveEtcd(ctx: Writer, controlPlane: string, node: EtcdMember): Promise<void> {
  const machine = ctx.host(controlPlane);
  // it may be elsewhere, where somebody has made the cluster by hand
  if ((await machine.query(reading(['test', '-e', ETCD_MANIFEST], { codes: [1] }))).code !== 0) return;
  const ask = (argv: readonly string[], request: object): Promise<string> =>
    patiently(async () => {
      const options = { codes: [1, 127], stdin: JSON.stringify(request), timeout: 30_000 };
      const output = await machine.run(argv, options);
      if (output.code !== 0) throw kubeFailure('the members of etcd', machine.name, output);
      return output.stdout;
    }).catch((error: unknown) => {
      throw error instanceof CpaasError ? cannotLeave(node, error) : error;
    });
  const listed = await ask(LIST, AGREED);
  const { members } = parseAnswer(Members, listed, 'KUBEADM.ANSWER', `etcd on ${machine.name}`);
  const peer = `https://${node.address}:2380`;
  const own = members.find(({ name, peerURLs }) => name === node.name || peerURLs.includes(peer));
  if (!own) return;
  ctx.progress('its etcd leaves the others');
  await ask(REMOVE, { ID: own.ID }).catch((error: unknown) => {
    // a request that was given up may have been carried out
    if (!(error instanceof CpaasError && /NotFound/.test(answerOf(error)))) throw error;
  });
  // it may have led the others
  await ask(LIST, AGREED);
}

const answerOf = ({ evidence, message }: CpaasError): string =>
  evidence.find(({ label }) => label === 'answer')?.text ?? message;

/** Why a member stays, in the words of whoever was asked. */
export function cannotLeave({ name }: EtcdMember, error: CpaasError): CpaasError {
  const answer = answerOf(error).split('\n').at(-1) ?? '';
  const meaning = MEANINGS.find(([said]) => said.test(answer))?.[1];
  const what = `the etcd of node ${name} cannot leave the cluster's`;
  return new CpaasError('KUBEADM.ETCD', meaning === undefined ? what : `${what}: ${meaning}`, {
    cause: error,
    evidence: [{ label: 'answer', text: answer }],
    next: [
      { label: 'see which members are alive', command: 'cpaas kubectl -- get pods -n kube-system -l component=etcd' },
      { label: 'goes on when more than half of them are', command: 'cpaas up' },
    ],
  });
}

/** kubectl keeps etcd's own words to itself, and has some of its own for each status. (measured with 1.32; etcd's api/v3rpc/rpctypes) */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/rejected our request/, 'too few of the others are alive'],
  [/currently unable/, 'it has no leader, or one of the others does not answer'],
];
