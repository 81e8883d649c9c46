import type { Cluster } from '../../config/schema.ts';
import type { ArtifactNeed } from '../../core/artifacts.ts';
import type { Facts } from '../../core/facts.ts';
import { platformOf } from '../../core/platform.ts';
import type { Step } from '../../core/step.ts';
import { PUBLISHERS } from '../../host/publishers.ts';
import { type Equipment, equipmentOf, PROGRAMS, type Supply } from '../../kubeadm/equipment.ts';
import type { HostFacts } from '../../kubeadm/host-facts.ts';
import { contains } from '../../net/cidr.ts';
import { hostImages } from '../../steps/host/images.ts';
import { hostUfw, ufw } from '../../steps/host/ufw.ts';
import { hostUfwRules, ufwRule } from '../../steps/host/ufw-rules.ts';
import { binariesStep } from '../hosts/binaries.ts';
import { kubernetesSoftware, kubernetesSoftwareKinds } from '../hosts/kubernetes-software.ts';
import type { KubeadmMachine, Making } from './machines.ts';

/** What is installed as files where there is no containerd, unless one of them is there in another version. */
const CONTAINERD = '2.3.4';
const RUNC = '1.4.3';

/** The kinds of steps that `softwareSteps` may give. */
export const softwareKinds: readonly string[] = [
  ...kubernetesSoftwareKinds,
  ...[hostUfw, hostUfwRules, hostImages].map(({ kind }) => kind),
];

/** Where what machines lack comes from; nothing where the file leaves them as they are. */
export function supplyOf({ spec: { provider, artifacts } }: Cluster): Supply | undefined {
  const own = artifacts.mirror !== undefined || artifacts.bundle !== undefined;
  const wish = provider.kubeadm?.prepare ?? (own ? 'files' : 'packages');
  return wish === 'none' ? undefined : wish;
}

/** What may have to be fetched. What comes as packages is for the machines to fetch. */
export function softwareNeeds(cluster: Cluster): readonly ArtifactNeed[] {
  const { calico, provider } = cluster.spec;
  const version = provider.kubeadm?.version ?? '';
  const supply = supplyOf(cluster);
  return [
    { name: 'calico-manifest', version: calico.version },
    ...(supply === undefined ? [] : [{ program: 'calicoctl', version: calico.version }]),
    ...(supply === 'files'
      ? Object.entries(filesOf({ programs: 'files', runtime: 'files', configures: true }, version)).map(
          ([program, of]) => ({ program, version: of }),
        )
      : []),
  ];
}

/** All that one machine is given before kubeadm is called on it. */
export async function softwareSteps(
  machine: KubeadmMachine,
  { cluster }: Making,
  hostFacts: HostFacts,
  facts: Facts,
): Promise<readonly Step[]> {
  const supply = supplyOf(cluster);
  if (supply === undefined) return [];
  const { provider, tools, host: settings, calico } = cluster.spec;
  const { version = '', repositories } = provider.kubeadm ?? {};
  const { host } = machine;
  const { folder } = tools;
  const equipment = equipmentOf(hostFacts, version, supply);
  // a program that somebody has left there, and that does not run, says nothing
  const installed = hostFacts.containerdUnit === 'ours' ? hostFacts.runtimes['containerd'] : undefined;
  const platform = platformOf('linux', hostFacts.architecture);
  const programs = {
    ...filesOf(equipment, version, installed),
    ...(machine.role === 'control-plane' ? { calicoctl: calico.version } : {}),
  };
  return [
    ...firewall(machine, cluster, hostFacts),
    ...kubernetesSoftware(
      {
        host,
        cluster: cluster.metadata.name,
        version,
        folder,
        publishers: {
          docker: repositories?.docker ?? PUBLISHERS.docker,
          kubernetes: repositories?.kubernetes ?? PUBLISHERS.kubernetes,
        },
        ...(repositories?.key === undefined ? {} : { key: repositories.key }),
        ...(settings.proxy === undefined ? {} : { proxy: settings.proxy }),
        ...(Object.keys(programs).length > 0
          ? { programs: await binariesStep(facts, { host, folder }, programs, platform) }
          : {}),
      },
      hostFacts.software,
      equipment,
    ),
    ...(await images(machine, hostFacts, facts)),
  ];
}

/** Those that a bundle has brought; without any they are pulled. */
async function images({ host }: KubeadmMachine, { stage }: HostFacts, { ctx }: Facts): Promise<readonly Step[]> {
  const names = [...(await ctx.artifacts.imageNames()).keys()];
  return names.length > 0
    ? [
        hostImages(
          { host, node: stage === 'joined' || stage === 'control-plane' },
          names.map((name) => [name, true]),
        ),
      ]
    : [];
}

/** Programs by version. A later cpaas with another default is no reason to change a containerd that runs. */
function filesOf(
  { programs, runtime }: Equipment,
  version: string,
  containerd: string = CONTAINERD,
): Readonly<Record<string, string>> {
  const parts = { containerd, 'containerd-shim-runc-v2': containerd, ctr: containerd, runc: RUNC };
  return {
    ...(programs === 'files' ? Object.fromEntries(PROGRAMS.map((name) => [name, version])) : {}),
    ...(runtime === 'files' ? parts : {}),
  };
}

/** A firewall that is on lets the cluster's own networks and the units through, or is switched off where the file says so. */
function firewall({ host }: KubeadmMachine, { metadata, spec }: Cluster, { software }: HostFacts): readonly Step[] {
  const wish = spec.host.ufw;
  if (wish !== 'allow') return [hostUfw({ host }, ufw(wish === 'disable' ? 'off' : 'removed'))];
  if (!software.ufw) return [];
  const { nodes, pods } = spec.network;
  const rules = [nodes, pods].flatMap((network) => [`allow from ${network}`, `route allow from ${network}`]);
  return [hostUfwRules({ host, cluster: metadata.name }, [...rules, ...unitRules(spec)].map(ufwRule))];
}

/** Units open sessions and send to pods. One in the node network is let through with it; ufw writes no /32. */
function unitRules({ routers, network: { nodes, pods } }: Cluster['spec']): readonly string[] {
  const outside = (addresses: readonly string[]) => [
    ...new Set(addresses.filter((address) => !contains(nodes, address)).map((address) => address.replace(/\/32$/, ''))),
  ];
  const units = routers.map(({ address }) => address);
  return [
    ...outside(units).map((address) => `allow from ${address} to any port 179 proto tcp`),
    ...outside([...units, ...routers.flatMap(({ sources }) => sources)]).map(
      (from) => `route allow from ${from} to ${pods}`,
    ),
  ];
}
