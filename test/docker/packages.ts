import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { standIn } from '../helpers/machines/apt.ts';

/** Of the engine that `engineFolder` holds, as Docker numbers its packages for Debian 12. */
export const ENGINE = { release: '28.5.2', version: '5:28.5.2-1~debian.12~bookworm' } as const;

const RUNC = fileURLToPath(new URL('runc-without-resource.sh', import.meta.url));

/**
 * Docker's three packages by the names and manners of Docker's own repository: programs and units of a real engine, as `engine.sh` has
 * unpacked it into a folder. Gives their files.
 */
export function dockerPackages(folder: string, engine: string): readonly string[] {
  const program = (name: string): readonly [string, string] => {
    const found = ['sbin', 'bin'].map((place) => `${engine}/usr/${place}/${name}`).find((path) => existsSync(path));
    if (found === undefined) throw new Error(`the engine in ${engine} has no ${name}`);
    return [`/usr/bin/${name}`, found];
  };
  const unit = (name: string): readonly [string, string] => [
    `/usr/lib/systemd/system/${name}`,
    readFileSync(`${engine}/usr/lib/systemd/system/${name}`, 'utf8').replaceAll('/usr/sbin/', '/usr/bin/'),
  ];
  const service = (units: string) => ({
    postinst: `systemctl daemon-reload\nsystemctl enable -q --now ${units}`,
    prerm: `if [ "$1" = remove ]; then systemctl disable -q --now ${units}; fi`,
    postrm: 'systemctl daemon-reload',
  });
  const docker = service('docker.socket docker.service');
  return [
    standIn(folder, {
      name: 'containerd.io',
      version: '2.1.5-1~debian.12~bookworm',
      // jq and capsh are what runc's wrapper asks
      depends: ['jq', 'libcap2-bin', 'libseccomp2'],
      conflicts: ['containerd', 'runc'],
      files: {
        '/usr/bin/runc': `#!/bin/sh\nRUNC_REAL=/usr/libexec/runc exec /usr/libexec/runc-without-resource "$@"\n`,
        // as Docker's own package: what Kubernetes would need is off
        '/etc/containerd/config.toml': 'disabled_plugins = ["cri"]\n',
        ...Object.fromEntries([unit('containerd.service')]),
      },
      conffiles: ['/etc/containerd/config.toml'],
      copies: {
        ...Object.fromEntries(['containerd', 'containerd-shim-runc-v2', 'ctr'].map(program)),
        '/usr/libexec/runc': program('runc')[1],
        '/usr/libexec/runc-without-resource': RUNC,
      },
      scripts: service('containerd.service'),
    }),
    standIn(folder, {
      name: 'docker-ce-cli',
      version: ENGINE.version,
      copies: Object.fromEntries([program('docker')]),
    }),
    standIn(folder, {
      name: 'docker-ce',
      version: ENGINE.version,
      depends: ['containerd.io', 'docker-ce-cli', 'iptables', 'libsystemd0'],
      copies: Object.fromEntries(['dockerd', 'docker-proxy', 'docker-init'].map(program)),
      files: Object.fromEntries(['docker.socket', 'docker.service'].map(unit)),
      scripts: { ...docker, postinst: `getent group docker >/dev/null || groupadd -r docker\n${docker.postinst}` },
    }),
  ];
}
