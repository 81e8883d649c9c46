import { CpaasError } from '../core/errors.ts';
import type { Step } from '../core/step.ts';
import type { HostSoftware } from '../facts/host-software.ts';
import { CONTAINERD_CONFIG, containerdConfig } from '../host/containerd.ts';
import { file, folder } from '../host/files.ts';
import { unsupported } from '../host/os-release.ts';
import {
  dockerSource,
  kubernetesPackageVersion,
  kubernetesSource,
  PUBLISHERS,
  type Publishers,
} from '../host/publishers.ts';
import { minorOf } from '../kubeadm/versions.ts';
import { hostFiles } from '../steps/host-files.ts';
import { hostModules } from '../steps/host-modules.ts';
import { hostPackages, installed, pinned } from '../steps/host-packages.ts';
import { hostRepositories, repository } from '../steps/host-repositories.ts';
import { hostServices, running } from '../steps/host-services.ts';
import { hostSwap, noSwap } from '../steps/host-swap.ts';

/** The first minor that asks for containerd 2, which Debian 12 and 13 do not have. */
const CONTAINERD_2_FROM = 36;
/** What bridges and overlays of pods need of the kernel. */
const MODULES = ['overlay', 'br_netfilter'];

export interface KubernetesSoftwareOptions {
  /** Key of the host, where commands run as root. */
  readonly host: string;
  /** Name of the cluster: files of the host are named after it. */
  readonly cluster: string;
  /** Release of Kubernetes, `v1.35.8`. */
  readonly version: string;
  readonly proxy?: string;
  readonly sandboxImage?: string;
  /** More lines for containerd's configuration. */
  readonly containerd?: string;
  readonly publishers?: Publishers;
  /** Fingerprint of the key of a mirror that signs anew. */
  readonly key?: string;
}

/** The kinds of steps that `kubernetesSoftware` may give. */
export const kubernetesSoftwareKinds: readonly string[] = [
  ...[hostSwap, hostModules, hostFiles, hostRepositories, hostPackages, hostServices],
].map(({ kind }) => kind);

/**
 * What a machine needs before kubeadm is called on it: P2 rows 1 and 2. No swap, modules, containerd with CRI on and control groups
 * by systemd, and kubelet, kubeadm and kubectl of one version, held. A containerd that is there is kept, and told how to serve.
 */
export function kubernetesSoftware(options: KubernetesSoftwareOptions, software: HostSoftware): readonly Step[] {
  const { host, cluster, proxy } = options;
  const trouble = unsupported(software.os);
  if (trouble !== undefined)
    throw new CpaasError('HOST.UNSUPPORTED', `Kubernetes cannot be installed here: ${trouble}`, {
      next: [{ label: 'take a host with Debian or Ubuntu' }],
    });
  const runtime = runtimeOf(options, software);
  const sources = sourcesOf(options, software, runtime);
  const version = kubernetesPackageVersion(options.version);
  const through = proxy === undefined ? {} : { proxy };
  const keys = Object.fromEntries(sources.map(({ name, keyUrl }) => [name, keyUrl]));
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
    hostRepositories({ host, set: 'kubernetes', keys, ...through }, sources.map(repository)),
    hostPackages({ host, set: 'containerd', title: 'containerd', ...through }, [installed(runtime)]),
    containerdFiles(options, runtime, software),
    hostPackages(
      { host, set: 'kubernetes', title: 'Kubernetes', ...through },
      ['kubelet', 'kubeadm', 'kubectl'].flatMap((name) => pinned(name, version)),
    ),
    hostServices({ host, set: 'kubernetes', title: 'Services' }, [
      ...running('containerd.service'),
      ['kubelet.service enabled', true],
    ]),
  ];
}

type Runtime = 'containerd' | 'containerd.io';

function runtimeOf({ version }: KubernetesSoftwareOptions, { packages }: HostSoftware): Runtime {
  if (packages.has('containerd.io')) return 'containerd.io';
  return packages.has('containerd') || minorOf(version) < CONTAINERD_2_FROM ? 'containerd' : 'containerd.io';
}

function sourcesOf(
  { version, publishers = PUBLISHERS, key }: KubernetesSoftwareOptions,
  software: HostSoftware,
  runtime: Runtime,
) {
  const { os, architecture } = software;
  const kubernetes = kubernetesSource(`1.${minorOf(version)}`, architecture, publishers, key);
  // one that is there came from somewhere already
  const docker = runtime === 'containerd.io' && (!software.packages.has(runtime) || software.dockerSource !== '');
  return docker ? [kubernetes, dockerSource(os, architecture, publishers, key)] : [kubernetes];
}

function containerdFiles(
  { host, sandboxImage, containerd }: KubernetesSoftwareOptions,
  runtime: Runtime,
  { containerdRuns }: HostSoftware,
): Step {
  const content = containerdConfig({
    format: runtime === 'containerd.io' ? 3 : 2,
    ...(sandboxImage === undefined ? {} : { sandboxImage }),
    ...(containerd === undefined ? {} : { extra: containerd }),
  });
  const place = {
    host,
    set: 'containerd',
    title: 'Configuration of containerd',
    replace: true,
    restart: 'containerd.service',
    running: containerdRuns,
  };
  return hostFiles(place, [folder('/etc/containerd/'), file(CONTAINERD_CONFIG, content)]);
}
