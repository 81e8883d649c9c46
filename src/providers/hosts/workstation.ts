import type { Cluster } from '../../config/schema.ts';
import type { HostTable } from '../../core/host-spec.ts';

/** Key of this machine where commands run as root. */
export const HERE_AS_ROOT = 'local:root';

/** This machine as its root: only what is root's alone goes by sudo, and nothing does where cpaas is root already. */
export function workstation({ spec: { host } }: Cluster): HostTable {
  return {
    [HERE_AS_ROOT]: {
      name: 'here',
      reach: { via: 'local' },
      sudo: 'changes',
      ...(host.sudo === undefined ? {} : { sudoPassword: host.sudo }),
    },
  };
}

/** Who is to run docker without root: whoever runs cpaas, unless that is root himself. */
export const dockerUser = (env: Readonly<Record<string, string | undefined>>): string | undefined =>
  [env['SUDO_USER'], env['USER']].find((user) => user !== undefined && user !== '' && user !== 'root');
