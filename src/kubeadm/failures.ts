import { CpaasError } from '../core/errors.ts';

interface Cause {
  readonly seen: RegExp;
  readonly why: string;
  readonly next: string;
}

/** What kubeadm says when a join fails, in the order in which it comes to them. (measured with 1.34) */
const causes: readonly Cause[] = [
  {
    seen: /a Node with name .* already exists/,
    why: 'a node of this name is in the cluster already',
    next: 'give the host another name in the file, or see that nobody needs that node and delete it: cpaas kubectl -- delete node NAME',
  },
  {
    seen: /are pinned|failed to verify JWS signature/,
    why: 'what answers at the address of the API is another cluster',
    next: 'see that the address of the control plane is its own',
  },
  {
    seen: /could not find a JWS signature/,
    why: 'the cluster does not know the token, which was made a moment before',
    next: 'see that its controller manager runs: cpaas kubectl -- get pods -n kube-system',
  },
  {
    seen: /failed to request the cluster-info ConfigMap|connection refused|no route to host|i\/o timeout/,
    why: 'the API is not reached from there',
    next: 'open tcp 6443 from that host to the control plane',
  },
];

/** What a failed join means. Anything else is handed back as it came. */
export function joinFailure(error: unknown, node: string): unknown {
  if (!(error instanceof CpaasError) || error.code !== 'HOST.COMMAND') return error;
  const said = error.evidence.map(({ text }) => text).join('\n');
  const known = causes.find(({ seen }) => seen.test(said));
  return new CpaasError('KUBEADM.JOIN', `node ${node} did not join${known ? `: ${known.why}` : ''}`, {
    evidence: error.evidence,
    next: [...(known ? [{ label: known.next }] : []), { label: 'makes it anew from there', command: 'cpaas up' }],
  });
}

/** What a failed init means: kubeadm's own checks, or a control plane that does not come up. */
export function initFailure(error: unknown, host: string): unknown {
  if (!(error instanceof CpaasError) || error.code !== 'HOST.COMMAND') return error;
  return new CpaasError('KUBEADM.INIT', `no control plane came up on ${host}`, {
    evidence: error.evidence,
    next: [
      { label: 'what its parts say', command: `ssh ${host} crictl ps -a; journalctl -u kubelet` },
      { label: 'takes it up from there', command: 'cpaas up' },
    ],
  });
}
