import { coerce, gte, type SemVer } from 'semver';

/**
 * What a generation of Docker's filter stops on its way to a container, with the iptables backend.
 * `policy`: nothing, unless the policy of FORWARD is DROP. `bridge`: whatever comes to the bridge from elsewhere, pods too.
 * `container`: that, and in raw whatever is addressed to a container itself.
 */
export type DockerFilter = 'policy' | 'bridge' | 'container';

export interface DockerTraits {
  readonly filter: DockerFilter;
  /** Whether a network can have `gateway_mode_ipv4=nat-unprotected`. */
  readonly natUnprotected: boolean;
  /** Whether a network can name the interfaces that raw lets through (`trusted_host_interfaces`). */
  readonly trustedInterfaces: boolean;
  /** Whether the engine can be told to use nftables, which has no DOCKER-USER chain. */
  readonly nftables: boolean;
}

/** What an engine does by its version. Sources: Docker's release notes of 28 and 29; moby #48597, #48724, #49518, #49829, #49832; measured. */
export function dockerTraits(version: string): DockerTraits {
  const from = (release: string): boolean => gte(dockerRelease(version) ?? '0.0.0', release);
  return {
    filter: from('28.2.0') ? 'container' : from('28.0.0') ? 'bridge' : 'policy',
    natUnprotected: from('28.0.0'),
    trustedInterfaces: from('28.2.0'),
    nftables: from('29.0.0'),
  };
}

/** `19.03.15` is no version to semver, since its month has two digits. */
export const dockerRelease = (version: string): SemVer | null => coerce(version.replace(/\b0+(?=\d)/g, ''));

/**
 * The first release that has each minor version of the API, 1.x. Source: Docker's API version matrix. Of 20.10 it is the first that k3d
 * works with: an engine that does not say its release has the benefit of the doubt.
 */
const FIRST_WITH_API: readonly (readonly [number, string])[] = [
  [52, '29.0.0'],
  [51, '28.3.0'],
  [50, '28.2.0'],
  [49, '28.1.0'],
  [48, '28.0.0'],
  [47, '27.2.0'],
  [46, '27.0.0'],
  [45, '26.0.0'],
  [44, '25.0.0'],
  [43, '24.0.0'],
  [42, '23.0.0'],
  [41, '20.10.5'],
];
/** Releases are numbered by years from 17 on, and after 20.10 from 23. */
const NUMBERED = 17;

/**
 * The release that an engine is to be taken for. One that was built from its source says `dev`, `library-import`, or the number of its
 * module, `2.0.0-beta.24`: then it is what its API can do.
 */
export function dockerVersion(version: string, api: string | undefined): string {
  if ((dockerRelease(version)?.major ?? 0) >= NUMBERED) return version;
  const minor = Number(api?.split('.')[1]);
  return FIRST_WITH_API.find(([first]) => minor >= first)?.[1] ?? version;
}
