import { join } from 'node:path';

/**
 * Where a unit keeps its things, below its folder in the lab:
 *
 *     state.json     what it is running with; survives its daemon
 *     saved.json     what `save sys config` saved: what a reboot would bring back, with ZebOS.conf
 *     behaviour.json its switches
 *     frr/           sockets of zebra and bgpd, which run as user frr
 *     ssh/           host keys
 *     files/         its own files, as its users see them: /config, /etc, /root, /run, /var
 *     view/          where its root is put together, in the mounts of its sshd alone
 */
export function unitPaths(folder: string) {
  const files = join(folder, 'files');
  return {
    folder,
    files,
    state: join(folder, 'state.json'),
    saved: join(folder, 'saved.json'),
    behaviour: join(folder, 'behaviour.json'),
    commandLog: join(folder, 'commands.log'),
    frr: (routeDomain: number) => join(folder, 'frr', `rd${routeDomain}`),
    hostKeys: join(folder, 'ssh'),
    view: join(folder, 'view'),
    /** `/run/unit.sock` for its users. */
    socket: join(files, 'run', 'unit.sock'),
    sshdPid: join(files, 'run', 'sshd.pid'),
    prompt: join(files, 'var', 'prompt', 'ps1'),
    zebosConf: (routeDomain: number) => join(files, 'config', 'zebos', `rd${routeDomain}`, 'ZebOS.conf'),
    bigipConf: join(files, 'config', 'bigip.conf'),
    bigipBaseConf: join(files, 'config', 'bigip_base.conf'),
    bigipUserConf: join(files, 'config', 'bigip_user.conf'),
  };
}
export type UnitPaths = ReturnType<typeof unitPaths>;
