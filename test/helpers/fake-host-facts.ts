import type { FakeMachine, FakeProgram } from './fake-host.ts';

const CONTAINERD = '/run/containerd/containerd.sock';

/** What a Debian 12 machine with containerd and kubeadm prints; each part may be said otherwise. */
export interface Printed {
  readonly name: string;
  readonly address: string;
  /** By path: what `cat` prints. */
  readonly files?: Readonly<Record<string, string | undefined>>;
  /** By program. */
  readonly programs?: Readonly<
    Record<string, string | { readonly stdout?: string; readonly stderr?: string; readonly code: number }>
  >;
  /** Paths that `ls -1d` finds. */
  readonly paths?: readonly string[];
  /** What `systemctl is-active ufw firewalld` prints. */
  readonly firewalls?: string;
  /** Names in /etc/cni/net.d. */
  readonly cni?: readonly string[];
}

const OS =
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nID=debian\n';

/** A machine that answers what it is asked for facts. Its clock is at `NOW`. */
export const NOW = 1_764_000_000_000;

export function factsMachine({
  name,
  address,
  files = {},
  programs = {},
  paths = [CONTAINERD],
  firewalls = 'inactive\ninactive\n',
  cni = [],
}: Printed): FakeMachine {
  const all: Readonly<Record<string, string | undefined>> = {
    '/etc/os-release': OS,
    '/proc/1/comm': 'systemd\n',
    '/proc/meminfo': 'MemTotal:        4028440 kB\nMemFree:         3120000 kB\n',
    '/proc/swaps': 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n',
    '/etc/machine-id': `${Buffer.from(name).toString('hex').padEnd(32, '0')}\n`,
    '/sys/class/dmi/id/product_uuid': `${Buffer.from(name).toString('hex').padEnd(12, '0')}-0000-4000-8000-000000000000\n`,
    '/etc/resolv.conf': 'nameserver 192.0.2.53\n',
    '/proc/sys/net/ipv4/ip_forward': '0\n',
    ...files,
  };
  const printed: Printed['programs'] = {
    id: '0\n',
    uname: 'Linux 6.1.0-18-amd64 x86_64\n',
    stat: 'cgroup2fs\n',
    nproc: '2\n',
    df: 'Filesystem     1024-blocks    Used Available Capacity Mounted on\n/dev/sda1         20509264 2106876  17335272      11% /\n',
    hostname: `${name}\n`,
    dpkg: 'amd64\n',
    'dpkg-query': { code: 1 },
    date: `${NOW / 1000}.000000000\n`,
    ss: 'LISTEN 0      128          0.0.0.0:22        0.0.0.0:*\nLISTEN 0      128             [::]:22           [::]:*\n',
    kubeadm: 'v1.35.8\n',
    systemctl: 'LoadState=loaded\nActiveState=activating\n',
    ...programs,
  };
  const fixed = Object.fromEntries(Object.entries(printed).map(([program, ending]) => [program, () => ending]));
  const ip: FakeProgram = ([, , object]) =>
    object === 'route'
      ? JSON.stringify([
          { dst: 'default', gateway: '10.1.20.1', dev: 'eth0', protocol: '16' },
          { dst: '10.1.20.0/24', dev: 'eth0', protocol: '2', prefsrc: address },
        ])
      : JSON.stringify([
          { ifname: 'lo', addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8 }] },
          { ifname: 'eth0', addr_info: [{ family: 'inet', local: address, prefixlen: 24 }] },
        ]);
  return {
    name,
    programs: {
      ip: (args, stdin) => (args[0] === '-N' ? ip(args, stdin) : ip(['', ...args], stdin)),
      cat: ([path = '']) => all[path] ?? { code: 1, stderr: `cat: ${path}: No such file or directory\n` },
      ls: ([flag, ...asked]) => {
        const there = flag === '-1' ? cni : asked.filter((path) => paths.includes(path));
        return {
          stdout: there.map((path) => `${path}\n`).join(''),
          code: flag === '-1' || there.length === asked.length ? 0 : 2,
        };
      },
      ...fixed,
      systemctl: (args) => (args[0] === 'is-active' ? { stdout: firewalls, code: 3 } : (printed['systemctl'] ?? '')),
    },
  };
}
