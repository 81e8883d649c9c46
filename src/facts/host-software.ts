import type { Fact } from '../core/facts.ts';
import { reading } from '../core/reading.ts';
import { listPackages, parsePackages } from '../host/apt/packages.ts';
import { sourcePath } from '../host/apt/source.ts';
import { type OsRelease, parseOsRelease } from '../host/os-release.ts';
import { parseServices, showServices } from '../host/services.ts';

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

const ENGINES = ['docker-ce', 'docker.io', 'containerd', 'containerd.io'];
const UNITS = ['docker.service', 'containerd.service'];

/** One round trip. Needs no root. */
export const hostSoftware = (host: string): Fact<HostSoftware> => ({
  name: `host-software ${host}`,
  async read(ctx) {
    const machine = ctx.host(host);
    const [release, architecture, packages, services, docker, source, ufw] = await machine.queryAll([
      reading(['cat', '/etc/os-release'], { codes: [1] }),
      reading(['dpkg', '--print-architecture'], { codes: [127] }),
      reading(listPackages(ENGINES), { codes: [1, 127] }),
      reading(showServices(UNITS), { codes: [1, 127] }),
      reading(['docker', 'version', '--format', '{{.Client.Version}}'], { codes: [1, 125, 126, 127] }),
      reading(['cat', sourcePath('docker')], { codes: [1] }),
      reading(['cat', '/etc/ufw/ufw.conf'], { codes: [1] }),
    ]);
    const states = parseServices(services?.stdout ?? '', UNITS);
    const runs = (unit: string) => states.get(unit)?.active ?? false;
    return {
      os: parseOsRelease(release?.stdout ?? ''),
      architecture: architecture?.stdout.trim() ?? '',
      packages: new Map([...parsePackages(packages ?? { stdout: '' })].map(([name, { version }]) => [name, version])),
      dockerSource: source?.stdout ?? '',
      docker: docker?.code !== 127,
      dockerRuns: runs('docker.service'),
      containerdRuns: runs('containerd.service'),
      ufw: /^ENABLED=yes$/m.test(ufw?.stdout ?? ''),
    };
  },
});
