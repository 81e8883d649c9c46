import { reading } from '../core/reading.ts';
import type { Output } from '../core/transport.ts';
import {
  ADMIN_CONF,
  API_SERVER_MANIFEST,
  BOOTSTRAP_CONF,
  CA_CERTIFICATE,
  CA_KEY,
  CONTROLLER_MANAGER_CONF,
  ETCD_DATA,
  ETCD_MANIFEST,
  KUBELET_CERTIFICATE,
  KUBELET_CONF,
  KUBELET_CONFIG,
  KUBELET_FLAGS,
  SCHEDULER_CONF,
} from './paths.ts';

/** What kubeadm gives control planes alone. */
const CONTROL_PLANES = [
  ADMIN_CONF,
  API_SERVER_MANIFEST,
  CONTROLLER_MANAGER_CONF,
  SCHEDULER_CONF,
  CA_KEY,
  ETCD_MANIFEST,
] as const;
/** All that a kubelet needs that is in a cluster. */
const KUBELETS = [KUBELET_CONF, CA_CERTIFICATE, KUBELET_CONFIG, KUBELET_FLAGS, KUBELET_CERTIFICATE] as const;
const MARKERS = [...CONTROL_PLANES, ...KUBELETS, BOOTSTRAP_CONF, ETCD_DATA] as const;

/** Asks which of the files are there that tell how far kubeadm has come on a host. */
export const MARKER_QUESTION = reading(['ls', '-1d', ...MARKERS], { codes: [1, 2] });

/**
 * How far kubeadm has come, by the files it leaves; a failed preflight or discovery leaves none. `control-plane` may still lack what
 * only its API can tell: a killed init has every file. (measured with 1.34) `half-initialised`: as a control plane, by an init or a join.
 */
export type Stage = 'none' | 'half-joined' | 'joined' | 'half-initialised' | 'control-plane';

/** Reads the answer to `MARKER_QUESTION`. Data of an etcd alone are no stage: somebody may run one of his own. */
export function stageOf(answer: Partial<Output>): Stage {
  const there = thereOf(answer);
  const has = (...paths: readonly string[]): boolean => paths.every((path) => there.has(path));
  const whole = has(...KUBELETS) && !there.has(BOOTSTRAP_CONF);
  if (isControlPlane(there))
    return whole && has(ADMIN_CONF, API_SERVER_MANIFEST) ? 'control-plane' : 'half-initialised';
  if (whole) return 'joined';
  return [...KUBELETS, BOOTSTRAP_CONF].some((path) => there.has(path)) ? 'half-joined' : 'none';
}

/**
 * Whose the data of an etcd are on a host; nothing where there are none. The cluster's are where a control plane is, or was begun, which
 * `begun` says where a reset has taken its files away already.
 */
export function etcdOf(answer: Partial<Output>, begun: boolean): 'ours' | 'theirs' | undefined {
  const there = thereOf(answer);
  if (!there.has(ETCD_DATA)) return undefined;
  return begun || isControlPlane(there) ? 'ours' : 'theirs';
}

/** Whether a join was begun, and not ended: no init leaves a login for the time until then. */
export const isJoining = (answer: Partial<Output>): boolean => thereOf(answer).has(BOOTSTRAP_CONF);

const thereOf = ({ stdout = '' }: Partial<Output>): ReadonlySet<string> =>
  new Set(stdout.split('\n').map((line) => line.trim()));
const isControlPlane = (there: ReadonlySet<string>): boolean => CONTROL_PLANES.some((path) => there.has(path));
