import { load } from 'js-yaml';
import { z } from 'zod';
import { type ReadCommand, reading } from '../core/reading.ts';
import type { Output } from '../core/transport.ts';
import { kubectl } from '../kube/kubectl.ts';
import { OWNER_QUESTION, type Owner, parseOwner } from './owner.ts';
import { ADMIN_CONF, API_SERVER_MANIFEST, ETCD_MANIFEST, KUBELET_CONF } from './paths.ts';
import { isJoining, MARKER_QUESTION, stageOf } from './stage.ts';

/**
 * A control plane: as it was made; begun and not at its end; on its way back into its cluster, which lives on others; there, with an API that does not answer; or none, since the host has joined
 * a cluster that was made on another one. What it is cannot be changed later but for its version.
 */
export const ControlPlane = z.union([
  z.strictObject({
    stage: z.literal('ready'),
    version: z.string(),
    address: z.string(),
    pods: z.string(),
    services: z.string(),
    endpoint: z.string().optional(),
  }),
  z.strictObject({ stage: z.enum(['begun', 'returning', 'silent', 'joined']) }),
]);
export type ControlPlane = z.infer<typeof ControlPlane>;
export type WholeControlPlane = Extract<ControlPlane, { stage: 'ready' }>;

export interface FoundControlPlane {
  readonly owner: Owner | undefined;
  readonly value: ControlPlane;
}

/** All that is asked of a host to know its control plane. */
export function controlPlaneQuestions(host: string): readonly ReadCommand[] {
  const access = { host, kubeconfig: ADMIN_CONF };
  const ask = (...words: readonly string[]) =>
    reading(kubectl(access, ...words), { codes: [1, 127], timeout: 30_000, slow: true });
  return [
    MARKER_QUESTION,
    OWNER_QUESTION,
    reading(['cat', KUBELET_CONF], { codes: [1] }),
    reading(['cat', API_SERVER_MANIFEST], { codes: [1] }),
    reading(['cat', ETCD_MANIFEST], { codes: [1] }),
    ask('get', 'nodes', '-o', 'name'),
    ask('get', 'configmap', 'kubeadm-config', '--namespace', 'kube-system', '-o', 'json'),
    ask('get', 'configmap', 'cluster-info', '--namespace', 'kube-public', '-o', 'name'),
  ];
}

/**
 * Reads the answers. That files are there does not mean that an init has come to its end: done is what its API says, and the
 * kubelet's own certificate. (measured: a killed init has every file, and an API that forbids admin.conf)
 */
export function foundControlPlane(outputs: readonly Output[], cluster: string): FoundControlPlane | undefined {
  const [markers, owned, kubelet, manifest, etcd, nodes, config, info] = outputs;
  const stage = stageOf(markers ?? {});
  const owner = parseOwner(owned?.stdout ?? '');
  const ours = owner?.cluster === cluster;
  if (ours && isReturning(owner)) return { owner, value: { stage: 'returning' } };
  if (ours && hasJoined(owner, markers ?? {}, etcd)) return { owner, value: { stage: 'joined' } };
  if (stage === 'none' || stage === 'joined' || stage === 'half-joined')
    return ours ? { owner, value: { stage: 'begun' } } : undefined;
  const begun: FoundControlPlane = { owner, value: { stage: 'begun' } };
  if (stage === 'half-initialised' || !kubelet?.stdout.includes('kubelet-client-current.pem')) return begun;
  const ended = !ours || owner.ready;
  if (nodes?.code !== 0) return ended && !forbids(nodes) ? { owner, value: { stage: 'silent' } } : begun;
  const made = config?.code === 0 && info?.code === 0 ? configOf(config.stdout) : undefined;
  if (!ended || !made) return begun;
  const address = /advertise-address\.endpoint: ([\d.]+):/.exec(manifest?.stdout ?? '')?.[1] ?? '';
  return { owner, value: { stage: 'ready', address, ...made } };
}

/** An init says how it went when it has ended, a join of the first control plane before. */
const isReturning = ({ ready, how }: Owner): boolean => !ready && how === 'made';

/** Marks of before do not say it: kubeadm has an etcd that joins say so in its manifest. (cmd/kubeadm: phases/etcd/local.go) */
function hasJoined({ how }: Owner, markers: Partial<Output>, etcd: Output | undefined): boolean {
  if (how !== undefined) return how === 'joined';
  const starts = /--initial-cluster-state=existing/.test(etcd?.stdout ?? '');
  return starts || isJoining(markers) || stageOf(markers) === 'joined';
}

const forbids = (output: Output | undefined): boolean => /Forbidden/.test(output?.stderr ?? '');

const ConfigMap = z.object({ data: z.object({ ClusterConfiguration: z.string() }) });
const ClusterConfiguration = z.object({
  kubernetesVersion: z.string(),
  controlPlaneEndpoint: z.string().optional(),
  networking: z.object({ podSubnet: z.string().optional(), serviceSubnet: z.string().optional() }).optional(),
});

/** What `kubeadm init` has stored of its file; nothing where it cannot be read. */
function configOf(json: string) {
  try {
    const { data } = ConfigMap.parse(JSON.parse(json));
    const { kubernetesVersion, controlPlaneEndpoint, networking } = ClusterConfiguration.parse(
      load(data.ClusterConfiguration),
    );
    return {
      version: kubernetesVersion,
      pods: networking?.podSubnet ?? '',
      services: networking?.serviceSubnet ?? '',
      ...(controlPlaneEndpoint ? { endpoint: controlPlaneEndpoint } : {}),
    };
  } catch {
    return undefined;
  }
}
