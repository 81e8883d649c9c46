import { minorOf } from './versions.ts';

/** Why a changed version is refused, with the way by hand. */
export function upgradeByHand(from: string, to: string): string {
  const back = minorOf(to) < minorOf(from);
  if (back) return `the cluster runs ${from}, and ${to} is older: clusters are not taken back; set version to ${from}`;
  const steps = minorOf(to) - minorOf(from) > 1 ? ' one minor after the other' : '';
  return `the cluster runs ${from}, and cpaas does not upgrade clusters: upgrade it by hand${steps} (kubeadm upgrade apply ${to}, then each node; docs/kubeadm.md), or set version to ${from}`;
}

/** What is to be done where one node has another version than the file: all have to be drained and changed one after the other. */
export const nodeByHand = (to: string): string =>
  `cpaas does not upgrade nodes: upgrade it to ${to} by hand (docs/kubeadm.md), or correct version`;
