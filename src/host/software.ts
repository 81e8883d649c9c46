import { type ReadCommand, reading } from '../core/reading.ts';
import type { Output } from '../core/transport.ts';
import { listPackages, parsePackages } from './apt/packages.ts';
import { sourcePath } from './apt/source.ts';
import { type OsRelease, parseOsRelease } from './os-release.ts';
import { parseServices, showServices } from './services.ts';

/** What is on a host, as far as preparing it depends on that. */
export interface HostSoftware {
  readonly os: OsRelease;
  /** Debian's name for it: `amd64`. */
  readonly architecture: string;
  /** Versions of the packages asked for that are installed. */
  readonly packages: ReadonlyMap<string, string>;
  /** The source that Docker's packages come from, as deb822; empty where there is none. */
  readonly dockerSource: string;
  /** Whether there is a `docker` at all, however it came. */
  readonly docker: boolean;
  readonly dockerRuns: boolean;
  readonly containerdRuns: boolean;
  /** Whether ufw filters. */
  readonly ufw: boolean;
}

const PACKAGES = ['docker-ce', 'docker.io', 'containerd', 'containerd.io', 'kubelet', 'kubeadm', 'kubectl'];
const UNITS = ['docker.service', 'containerd.service'];

/** All that is asked for it. Needs no root. */
export const softwareQuestions = {
  release: reading(['cat', '/etc/os-release'], { codes: [1] }),
  architecture: reading(['dpkg', '--print-architecture'], { codes: [127] }),
  packages: reading(listPackages(PACKAGES), { codes: [1, 127] }),
  units: reading(showServices(UNITS), { codes: [1, 127] }),
  dockerClient: reading(['docker', 'version', '--format', '{{.Client.Version}}'], { codes: [1, 125, 126, 127] }),
  dockerSource: reading(['cat', sourcePath('docker')], { codes: [1] }),
  ufw: reading(['cat', '/etc/ufw/ufw.conf'], { codes: [1] }),
} as const satisfies Readonly<Record<string, ReadCommand>>;

export function softwareOf(said: Readonly<Record<keyof typeof softwareQuestions, Output>>): HostSoftware {
  const states = parseServices(said.units.stdout, UNITS);
  const runs = (unit: string) => states.get(unit)?.active ?? false;
  return {
    os: parseOsRelease(said.release.stdout),
    architecture: said.architecture.stdout.trim(),
    packages: new Map([...parsePackages(said.packages)].map(([name, { version }]) => [name, version])),
    dockerSource: said.dockerSource.stdout,
    docker: said.dockerClient.code !== 127,
    dockerRuns: runs('docker.service'),
    containerdRuns: runs('containerd.service'),
    ufw: /^ENABLED=yes$/m.test(said.ufw.stdout),
  };
}
