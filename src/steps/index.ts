import { ZodError } from 'zod';
import type { StepFactory } from '../core/define-step.ts';
import { CpaasError } from '../core/errors.ts';
import type { HeldPlace, Recipe } from '../core/journal.ts';
import { unreachableStep } from '../core/plan.ts';
import type { Step, Wanted } from '../core/step.ts';
import { bigipBgp } from './bigip/bgp.ts';
import { bigipPreflight } from './bigip/preflight.ts';
import { bigipRoute } from './bigip/route.ts';
import { bigipRoutingProtocol } from './bigip/routing-protocol.ts';
import { bigipSelfIp } from './bigip/self-ip.ts';
import { calicoBgpConfiguration } from './calico/bgp-configuration.ts';
import { calicoBgpFilters } from './calico/bgp-filters.ts';
import { calicoBgpPasswords } from './calico/bgp-passwords.ts';
import { calicoBgpPeers } from './calico/bgp-peers.ts';
import { calicoManifestObjects } from './calico/manifest.ts';
import { calicoPreflight } from './calico/preflight.ts';
import { dockerForwarding } from './docker/forwarding.ts';
import { dockerNetwork } from './docker/network.ts';
import { dockerSettings } from './docker/settings.ts';
import { hostBinaries } from './host/binaries.ts';
import { hostBootRoutes } from './host/boot-routes.ts';
import { hostFiles } from './host/files.ts';
import { hostGroups } from './host/groups.ts';
import { hostImages } from './host/images.ts';
import { hostKubeconfig } from './host/kubeconfig.ts';
import { hostModules } from './host/modules.ts';
import { hostPackages } from './host/packages.ts';
import { hostRepositories } from './host/repositories.ts';
import { hostRoutes } from './host/routes.ts';
import { hostServices } from './host/services.ts';
import { hostSwap } from './host/swap.ts';
import { hostSysctl } from './host/sysctl.ts';
import { hostUfw } from './host/ufw.ts';
import { hostUfwRules } from './host/ufw-rules.ts';
import { hostVolume } from './host/volume.ts';
import { k3dCluster } from './k3d/cluster.ts';
import { k3dPreflight } from './k3d/preflight.ts';
import { kubeNodeMarks } from './kube/node-marks.ts';
import { kubeadmControlPlane } from './kubeadm/control-plane.ts';
import { kubeadmNode } from './kubeadm/node.ts';
import { kubeadmPreflight } from './kubeadm/preflight.ts';
import { labMachines } from './lab/machines.ts';

/** Every kind that a journal may name. One import and one line each. */
// biome-ignore lint/suspicious/noExplicitAny: the registry erases each kind's types; `revive` parses them back
export const kinds: readonly StepFactory<any, any>[] = [
  labMachines,
  k3dPreflight,
  dockerNetwork,
  k3dCluster,
  kubeadmPreflight,
  kubeadmControlPlane,
  kubeadmNode,
  kubeNodeMarks,
  calicoManifestObjects,
  calicoPreflight,
  calicoBgpConfiguration,
  calicoBgpFilters,
  calicoBgpPasswords,
  calicoBgpPeers,
  hostFiles,
  hostRepositories,
  hostPackages,
  hostServices,
  hostVolume,
  hostUfwRules,
  hostUfw,
  hostSwap,
  hostModules,
  hostImages,
  hostKubeconfig,
  hostGroups,
  dockerSettings,
  hostSysctl,
  hostBinaries,
  dockerForwarding,
  bigipPreflight,
  bigipRoutingProtocol,
  bigipSelfIp,
  bigipRoute,
  bigipBgp,
  hostRoutes,
  hostBootRoutes,
];

/**
 * Makes a step from what the journal holds. What another version of cpaas has written becomes a step that cannot be looked at: it rejects
 * with `JOURNAL.UNKNOWN_KIND`.
 */
export function revive({ kind, place, host = '' }: Recipe & Partial<HeldPlace>, want?: Wanted<unknown>): Step {
  const found = kinds.find((each) => each.kind === kind);
  if (!found) return unreachableStep(host, kind, unknownKind(`this cpaas has no step of kind ${kind}`));
  try {
    return found.revive(place, want);
  } catch (cause) {
    if (!(cause instanceof ZodError)) throw cause;
    return unreachableStep(
      host,
      kind,
      unknownKind(`this cpaas knows places of kind ${kind} by other properties`, cause),
    );
  }
}

const unknownKind = (message: string, cause?: unknown): CpaasError =>
  new CpaasError('JOURNAL.UNKNOWN_KIND', message, {
    cause,
    next: [{ label: 'use the version that wrote it; this lists the runs, with their versions', command: 'cpaas runs' }],
  });
