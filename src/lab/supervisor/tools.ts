import { access, constants } from 'node:fs/promises';
import { CpaasError } from '../../core/errors.ts';
import { WITH_SUDO } from '../../core/with-sudo.ts';
import { ROOT_PATH } from '../machines/run.ts';

/** Programs of a lab, with the Debian package that has them. */
const TOOLS: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  iptables: 'iptables',
  'iptables-save': 'iptables',
  'iptables-restore': 'iptables',
  sysctl: 'procps',
  unshare: 'util-linux',
  flock: 'util-linux',
  socat: 'socat',
  ping: 'iputils-ping',
  bird: 'bird2',
  birdc: 'bird2',
  sshd: 'openssh-server',
  'ssh-keygen': 'openssh-client',
  openssl: 'openssl',
  perl: 'perl-base',
  kubectl: 'kubernetes-client',
  '/usr/lib/frr/zebra': 'frr',
  '/usr/lib/frr/bgpd': 'frr',
};

/** Rejects with `LAB.ROOT` or `LAB.TOOLS` when this machine or this user cannot run a lab. */
export async function requireTools(tools = TOOLS): Promise<void> {
  requireRoot();
  const checked = await Promise.all(
    Object.entries(tools).map(async ([tool, of]) => ((await isThere(tool)) ? [] : [{ tool, of }])),
  );
  const missing = checked.flat();
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(({ of }) => of))].join(' ');
  throw new CpaasError('LAB.TOOLS', `this machine lacks ${missing.map(({ tool }) => tool).join(', ')}`, {
    next: [{ label: 'install what is missing', command: `apt-get install ${packages}` }],
  });
}

export function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new CpaasError('LAB.ROOT', 'a lab is made of network namespaces, and only root can make them', {
    next: [WITH_SUDO],
  });
}

async function isThere(tool: string): Promise<boolean> {
  const paths = tool.startsWith('/') ? [tool] : ROOT_PATH.split(':').map((folder) => `${folder}/${tool}`);
  const found = await Promise.all(
    paths.map((path) =>
      access(path, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
