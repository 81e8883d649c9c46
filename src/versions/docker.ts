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
