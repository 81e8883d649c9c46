import { reading } from '../core/reading.ts';
import type { Output } from '../core/transport.ts';
import {
  ADMIN_CONF,
  API_SERVER_MANIFEST,
  BOOTSTRAP_CONF,
  CA_CERTIFICATE,
  ETCD_DATA,
  KUBELET_CERTIFICATE,
  KUBELET_CONF,
  KUBELET_CONFIG,
  KUBELET_FLAGS,
} from './paths.ts';

const MARKERS = [
  ADMIN_CONF,
  KUBELET_CONF,
  BOOTSTRAP_CONF,
  CA_CERTIFICATE,
  API_SERVER_MANIFEST,
  KUBELET_CONFIG,
  KUBELET_FLAGS,
  KUBELET_CERTIFICATE,
  ETCD_DATA,
] as const;

/** Asks which of the files are there that tell how far kubeadm has come on a host. */
export const MARKER_QUESTION = reading(['ls', '-1d', ...MARKERS], { codes: [1, 2] });

/**
 * How far kubeadm has come, by the files it leaves; a failed preflight or discovery leaves none. `control-plane` may still lack what
 * only its API can tell: a killed init has every file. (measured with 1.34)
 */
export type Stage = 'none' | 'half-joined' | 'joined' | 'half-initialised' | 'control-plane';

/** Reads the answer to `MARKER_QUESTION`. */
export function stageOf({ stdout = '' }: Partial<Output>): Stage {
  const there = new Set(stdout.split('\n').map((line) => line.trim()));
  const has = (...paths: readonly string[]): boolean => paths.every((path) => there.has(path));
  const kubelet = has(KUBELET_CONF, CA_CERTIFICATE, KUBELET_CONFIG, KUBELET_FLAGS, KUBELET_CERTIFICATE);
  const whole = kubelet && !there.has(BOOTSTRAP_CONF);
  if (has(API_SERVER_MANIFEST) || has(ADMIN_CONF))
    return whole && has(ADMIN_CONF, API_SERVER_MANIFEST) ? 'control-plane' : 'half-initialised';
  // on a whole worker it is an etcd of somebody's
  if (whole) return 'joined';
  if (has(ETCD_DATA)) return 'half-initialised';
  return MARKERS.some((path) => there.has(path)) ? 'half-joined' : 'none';
}
