import type { Step } from '../../core/step.ts';
import { CONTAINERD_CONFIG, containerdConfig } from '../../host/containerd.ts';
import { file, folder } from '../../host/files.ts';
import {
  dockerSource,
  kubernetesPackageVersion,
  kubernetesSource,
  PUBLISHERS,
  type Publishers,
} from '../../host/publishers.ts';
import type { HostSoftware } from '../../host/software.ts';
import { containerdUnit, kubeletUnit } from '../../host/units.ts';
import { type Equipment, PROGRAMS } from '../../kubeadm/equipment.ts';
import { CONTAINERD_UNIT, KUBELET_UNIT } from '../../kubeadm/paths.ts';
import { minorOf, pauseImage } from '../../kubeadm/versions.ts';
import { hostBinaries } from '../../steps/host/binaries.ts';
import { hostFiles } from '../../steps/host/files.ts';
import { hostModules } from '../../steps/host/modules.ts';
import { hostPackages, installed, pinned } from '../../steps/host/packages.ts';
import { hostRepositories, repository } from '../../steps/host/repositories.ts';
import { hostServices, running } from '../../steps/host/services.ts';
import { hostSwap, noSwap } from '../../steps/host/swap.ts';

/**
 * What the file systems of pods need of the kernel. What bridges need is nobody's wish here: Calico has none, and kubeadm does not ask
 * for it since 1.30.
 */
const MODULES = ['overlay'];
/** What containerd makes when it starts, and no package takes away. */
const MADE = ['/opt/containerd', '/etc/cni'];
const MADE_FOLDERS = [
  '/opt/containerd/',
  '/opt/containerd/bin/',
  '/opt/containerd/lib/',
  '/etc/cni/',
  '/etc/cni/net.d/',
];

export interface KubernetesSoftwareOptions {
  /** Key of the host, where commands run as root. */
  readonly host: string;
  /** Name of the cluster: files of the host are named after it. */
  readonly cluster: string;
  /** Release of Kubernetes, `v1.35.8`. */
  readonly version: string;
  /** Where programs go that come as files. */
  readonly folder: string;
  readonly proxy?: string;
  readonly publishers?: Publishers;
  /** Fingerprint of the key of a mirror that signs anew. */
  readonly key?: string;
  /** Programs that come as files, already with their digests. */
  readonly programs?: Step;
}

/** The kinds of steps that `kubernetesSoftware` may give. */
export const kubernetesSoftwareKinds: readonly string[] = [
  ...[hostSwap, hostModules, hostFiles, hostBinaries, hostRepositories, hostPackages, hostServices],
].map(({ kind }) => kind);

/**
 * What a machine needs before kubeadm is called on it: P2 rows 1 and 2. No swap, modules, containerd with CRI on and control groups
 * by systemd, and kubelet, kubeadm and kubectl of one version, held where they are packages. What is there already is kept.
 */
export function kubernetesSoftware(
  options: KubernetesSoftwareOptions,
  software: HostSoftware,
  equipment: Equipment,
): readonly Step[] {
  const { host, cluster, programs } = options;
  return [
    hostSwap({ host }, noSwap),
    hostModules(
      { host, cluster },
      MODULES.map((name) => [name, true]),
    ),
    hostFiles({ host, set: `boot-${cluster}`, title: 'Modules and settings after a restart' }, [
      file(`/etc/modules-load.d/cpaas-${cluster}.conf`, `${MODULES.join('\n')}\n`),
      file(`/etc/sysctl.d/99-cpaas-${cluster}.conf`, 'net.ipv4.ip_forward = 1\n'),
    ]),
    ...(programs ? [programs] : []),
    ...packages(options, software, equipment),
    ...units(options, equipment),
    hostServices({ host, set: 'kubernetes', title: 'Services' }, [
      ...running('containerd.service'),
      ['kubelet.service enabled', true],
    ]),
  ];
}

/** Configuration comes after the package whose own it replaces, and before a containerd that came as a file is started. */
function packages(
  options: KubernetesSoftwareOptions,
  software: HostSoftware,
  { programs, runtime, configures }: Equipment,
): readonly Step[] {
  const { host, version, proxy } = options;
  const through = proxy === undefined ? {} : { proxy };
  const sources = sourcesOf(options, software, { programs, runtime });
  const keys = Object.fromEntries(sources.map(({ name, keyUrl }) => [name, keyUrl]));
  return [
    ...(sources.length > 0
      ? [hostRepositories({ host, set: 'kubernetes', keys, ...through }, sources.map(repository))]
      : []),
    ...(runtime === 'containerd' || runtime === 'containerd.io'
      ? [hostPackages({ host, set: 'containerd', title: 'containerd', leaves: MADE, ...through }, [installed(runtime)])]
      : []),
    ...(configures ? [containerdFiles(options, runtime, software)] : []),
    ...(programs === 'packages'
      ? [
          hostPackages(
            { host, set: 'kubernetes', title: 'Kubernetes', ...through },
            PROGRAMS.flatMap((name) => pinned(name, packageVersion(version, software.packages.get(name)))),
          ),
        ]
      : []),
  ];
}

/** Another build of the same release does as well. */
function packageVersion(release: string, there: string | undefined): string {
  const wanted = kubernetesPackageVersion(release);
  return there?.startsWith(wanted.replace(/-.*$/, '-')) ? there : wanted;
}

function sourcesOf(
  { version, publishers = PUBLISHERS, key }: KubernetesSoftwareOptions,
  software: HostSoftware,
  { programs, runtime }: Pick<Equipment, 'programs' | 'runtime'>,
) {
  const { os, architecture } = software;
  // what comes from its publisher is signed by its publisher
  const keyOf = (name: keyof Publishers) => (publishers[name] === PUBLISHERS[name] ? undefined : key);
  // one that is there came from somewhere already
  const docker = runtime === 'containerd.io' && (!software.packages.has(runtime) || software.dockerSource !== '');
  return [
    ...(programs === 'packages'
      ? [kubernetesSource(`1.${minorOf(version)}`, architecture, publishers, keyOf('kubernetes'))]
      : []),
    ...(docker ? [dockerSource(os, architecture, publishers, keyOf('docker'))] : []),
  ];
}

function containerdFiles(
  { host, version }: KubernetesSoftwareOptions,
  runtime: Equipment['runtime'],
  { containerdRuns }: HostSoftware,
): Step {
  const content = containerdConfig({
    format: runtime === 'containerd.io' || runtime === 'files' ? 3 : 2,
    sandboxImage: pauseImage(version),
  });
  const place = {
    host,
    set: 'containerd',
    title: 'Configuration of containerd',
    replace: true,
    restart: 'containerd.service',
    running: containerdRuns,
  };
  // one that came as a file has ended before these are taken away again
  const made = runtime === 'files' ? MADE_FOLDERS.map((path) => folder(path)) : [];
  return hostFiles(place, [...made, folder('/etc/containerd/'), file(CONTAINERD_CONFIG, content)]);
}

/** Packages bring units of their own. */
function units({ host, folder: of }: KubernetesSoftwareOptions, { programs, runtime }: Equipment): readonly Step[] {
  const wanted = [
    ...(programs === 'files' ? [file(KUBELET_UNIT, kubeletUnit(of))] : []),
    ...(runtime === 'files' ? [file(CONTAINERD_UNIT, containerdUnit(of))] : []),
  ];
  return wanted.length > 0 ? [hostFiles({ host, set: 'units', title: 'Units' }, wanted)] : [];
}
