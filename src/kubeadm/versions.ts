/** `1.34` of `v1.34.4`, as a number that compares: 34. */
export function minorOf(version: string): number {
  return Number(/^v?1\.(\d+)\./.exec(version)?.[1] ?? Number.NaN);
}

/** The oldest minor whose configuration is written: v1beta4, with lists of arguments, came with it. */
export const OLDEST_MINOR = 31;
/** From this minor on the kubelet does not start under cgroup v1 unless told to. (KEP-5573) */
export const CGROUP2_MINOR = 35;
/** The first minor that asks for containerd 2, which Debian 12 and 13 do not have. */
export const CONTAINERD_2_MINOR = 36;

/** The image that holds a pod together, as kubeadm of a release expects it. (cmd/kubeadm/app/constants) */
export const pauseImage = (version: string): string =>
  `registry.k8s.io/pause:${minorOf(version) < 34 ? '3.10' : '3.10.1'}`;
