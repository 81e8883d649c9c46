import type { Cluster } from '../../config/schema.ts';
import { CpaasError } from '../../core/errors.ts';
import { type IsOurs, type Phase, phaseFrom } from '../../core/plan.ts';
import type { Step } from '../../core/step.ts';
import { hostSoftware } from '../../facts/host/software.ts';
import { sourceText } from '../../host/apt/source.ts';
import { file, folder } from '../../host/files.ts';
import { unsupported } from '../../host/os-release.ts';
import { dockerPackageVersion, dockerSource, PUBLISHERS } from '../../host/publishers.ts';
import type { HostSoftware } from '../../host/software.ts';
import { dockerSettings, settings } from '../../steps/docker/settings.ts';
import { hostFiles } from '../../steps/host/files.ts';
import { hostGroups } from '../../steps/host/groups.ts';
import { hostPackages, installed, pinned } from '../../steps/host/packages.ts';
import { hostRepositories, repository } from '../../steps/host/repositories.ts';
import { hostServices, running } from '../../steps/host/services.ts';
import { hostSysctl } from '../../steps/host/sysctl.ts';
import { hostUfw, ufw } from '../../steps/host/ufw.ts';
import { hostVolume, wholeVolume } from '../../steps/host/volume.ts';
import { ranks } from '../ranks.ts';

/** The engine that is installed where there is none, unless the file names another. */
const DOCKER = '29.7.2';

/** What every k3s node watches files with: the limits of the usual kernel are used up by a handful of nodes. */
const LIMITS = { 'fs.inotify.max_user_instances': '8192', 'fs.inotify.max_user_watches': '524288' };

export interface HostPhaseOptions {
  readonly cluster: Cluster;
  /** Key of the host, where commands run as root. */
  readonly host: string;
  /** Who is to run docker without being root. */
  readonly user?: string | undefined;
  /** The kubeconfig that calicoctl is to find by itself, where the file asks for that. */
  readonly kubeconfig?: string;
}

/**
 * P1 rows 1 to 4 and 7: what the file lets cpaas do to a machine before nodes are made on it; no phase where that is nothing. What is
 * there already is left as it is.
 */
export function hostPhase(options: HostPhaseOptions): readonly Phase[] {
  const { prepare, packages, grow, ufw: firewall, docker, calicoctlConfig } = options.cluster.spec.host;
  if (!prepare && packages.length === 0 && !grow && firewall === 'allow' && !docker && !calicoctlConfig) return [];
  const kinds = [
    ...[hostVolume, hostUfw, hostFiles, hostSysctl, dockerSettings, hostRepositories],
    ...[hostPackages, hostServices, hostGroups],
  ].map(({ kind }) => kind);
  return [
    phaseFrom(PHASE, ranks.host, kinds, async (facts, isOurs) =>
      stepsFor(options, await facts.get(hostSoftware(options.host)), isOurs),
    ),
  ];
}

const PHASE = 'Host';

interface Proxy {
  readonly proxy?: string;
}

function stepsFor(options: HostPhaseOptions, software: HostSoftware, isOurs: IsOurs = () => false): readonly Step[] {
  const { cluster, host } = options;
  const { prepare, packages, grow, ufw: firewall, proxy } = cluster.spec.host;
  const through = proxy === undefined ? {} : { proxy };
  const besides = { host, set: 'besides', title: 'Packages', ...through };
  return [
    ...(grow ? [hostVolume({ host }, wholeVolume)] : []),
    ...(firewall === 'allow' ? [] : [hostUfw({ host, ...through }, ufw(firewall === 'disable' ? 'off' : 'removed'))]),
    ...(packages.length > 0 ? [hostPackages(besides, packages.map(installed))] : []),
    ...(prepare ? kernelSteps(options) : []),
    ...dockerSettingsSteps(options, software),
    ...(prepare ? dockerSteps(options, software, isOurs, through) : []),
    ...calicoctlFile(options),
  ];
}

function kernelSteps({ cluster, host }: HostPhaseOptions): readonly Step[] {
  const { name } = cluster.metadata;
  return [
    hostSysctl({ host, cluster: name, set: 'limits', atLeast: true }, Object.entries(LIMITS)),
    hostFiles({ host, set: `sysctl-${name}`, title: 'Kernel settings after a restart' }, sysctlFiles(name)),
  ];
}

/** Theirs come after the limits, which are only lower bounds, and before forwarding, without which nothing works. */
const sysctlFiles = (name: string) => [
  file(`/etc/sysctl.d/10-cpaas-${name}.conf`, `# cpaas: at least these, for the nodes of ${name}\n${lines(LIMITS)}`),
  file(
    `/etc/sysctl.d/99-cpaas-${name}.conf`,
    `# cpaas: this machine forwards to the nodes of ${name}\n${lines({ 'net.ipv4.ip_forward': '1' })}`,
  ),
];
const lines = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('');

/**
 * Docker's own packages, pinned and held. An engine that came in another way is left as it is: whether it will do is asked where nodes
 * are made. One that came from us stays so on a machine that was upgraded to a release that cpaas does not know; which packages fit there
 * nobody can say, so they are left alone.
 */
function dockerSteps(options: HostPhaseOptions, software: HostSoftware, isOurs: IsOurs, proxy: Proxy): readonly Step[] {
  const { os, docker, dockerSource: there } = software;
  const trouble = unsupported(os);
  if (trouble !== undefined && !docker)
    throw new CpaasError('HOST.UNSUPPORTED', `Docker cannot be installed here: ${trouble}`, {
      next: [{ label: 'install it yourself, and run the same again: an engine that is there is taken as it is' }],
    });
  const { source, packages } = enginePackages(options, software, proxy);
  const service = engineService(options);
  // a source that is ours may be another by now: the file names another mirror, or somebody has changed it
  const cameFromUs = there === sourceText(source) || [...packages, ...service].some(({ id }) => isOurs(id));
  if (docker && !cameFromUs) return [];
  return trouble === undefined ? [...packages, ...service] : service;
}

function enginePackages(
  { cluster, host }: HostPhaseOptions,
  { os, architecture, packages }: HostSoftware,
  proxy: Proxy,
) {
  const { docker: mirror, key } = cluster.spec.host.repositories;
  const publishers = { ...PUBLISHERS, ...(mirror === undefined ? {} : { docker: mirror }) };
  // what comes from its publisher is signed by its publisher
  const source = dockerSource(os, architecture, publishers, mirror === undefined ? undefined : key);
  // another default of a later cpaas is no reason to change an engine that runs
  const release = cluster.spec.tools.docker;
  const version = release === undefined ? packages.get('docker-ce') : dockerPackageVersion(release, os);
  const pin = version ?? dockerPackageVersion(DOCKER, os);
  const steps = [
    hostRepositories({ host, set: 'docker', keys: { docker: source.keyUrl }, ...proxy }, [repository(source)]),
    hostPackages({ host, set: 'docker', title: 'Docker', ...proxy }, [
      ...pinned('docker-ce', pin),
      ...pinned('docker-ce-cli', pin),
      installed('containerd.io'),
    ]),
  ];
  return { source, packages: steps };
}

const engineService = ({ host, user }: HostPhaseOptions): readonly Step[] => [
  hostServices({ host, set: 'docker', title: 'Services' }, running('docker.service')),
  ...(user === undefined ? [] : [hostGroups({ host, user }, [['docker', true]])]),
];

/** Before an engine is installed, so that it need not start again. */
function dockerSettingsSteps({ cluster, host }: HostPhaseOptions, { dockerRuns }: HostSoftware): readonly Step[] {
  const { docker } = cluster.spec.host;
  if (docker === undefined) return [];
  const place = { host, cluster: cluster.metadata.name, running: dockerRuns };
  return [
    hostFiles({ host, set: 'docker', title: 'Folder of Docker' }, [folder('/etc/docker/')]),
    dockerSettings(place, settings(docker)),
  ];
}

function calicoctlFile({ cluster, host, kubeconfig }: HostPhaseOptions): readonly Step[] {
  if (!cluster.spec.host.calicoctlConfig || kubeconfig === undefined) return [];
  const text = [
    'apiVersion: projectcalico.org/v3',
    'kind: CalicoAPIConfig',
    'metadata:',
    'spec:',
    '  datastoreType: kubernetes',
    `  kubeconfig: ${kubeconfig}`,
  ].join('\n');
  const wish = [folder('/etc/calico/'), file('/etc/calico/calicoctl.cfg', `${text}\n`)];
  return [hostFiles({ host, set: 'calico', title: 'Configuration of calicoctl' }, wish)];
}
