/** `1.34` of `v1.34.4`, as a number that compares: 34. */
export function minorOf(version: string): number {
  return Number(/^v?1\.(\d+)\./.exec(version)?.[1] ?? Number.NaN);
}

/** The oldest minor whose configuration is written: v1beta4, with lists of arguments, came with it. */
export const OLDEST_MINOR = 31;

/** The image that holds a pod together, as kubeadm of a release expects it. (cmd/kubeadm/app/constants) */
export const pauseImage = (version: string): string =>
  `registry.k8s.io/pause:${minorOf(version) < 34 ? '3.10' : '3.10.1'}`;
