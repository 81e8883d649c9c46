import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quote } from '../../core/quote.ts';
import type { LabLayout } from '../layout.ts';
import type { LabRouter, LabSpec } from '../spec.ts';
import type { BigipPart, ChildSpec } from '../supervisor/parts.ts';
import { ROOT_SCRIPT, writeFiles } from './ssh/files.ts';
import { ensureHostKeys, ensureKey, writeKnownHosts } from './ssh/host-keys.ts';
import { behaviour } from './unit/behaviour.ts';
import { hostnameOf, newUnit } from './unit/factory.ts';
import { unitPaths } from './unit/paths.ts';
import { saveObjects } from './unit/saved-files.ts';
import { readState, UnitState, writeState } from './unit/state.ts';
import { load } from './zebos/editing.ts';
import { respelled } from './zebos/printing.ts';
import { savedConfig } from './zebos/running-config.ts';

/** The lab's BIG-IPs: a daemon and an sshd for each. zebra and bgpd are the daemon's children, since BGP is what it switches. */
export const bigip: BigipPart = { unitProcesses, unitReady };

async function unitProcesses(spec: LabSpec, router: LabRouter, layout: LabLayout): Promise<readonly ChildSpec[]> {
  const paths = unitPaths(layout.unit(router.name));
  await prepare(spec, router, layout);
  const namespace = layout.namespace(router.name);
  const main = fileURLToPath(new URL('./unit/main.js', import.meta.url));
  // A /proc of the lab's own process ids, which the daemon looks callers up in.
  const daemon = ['unshare', '--mount-proc', process.execPath, main, paths.folder];
  const view = ['unshare', '--mount', '--uts', '--propagation', 'private', 'sh', ROOT_SCRIPT];
  return [
    {
      id: `${router.name}/unit`,
      namespace,
      argv: daemon,
      restart: true,
      readyWhen: () => answers(paths.socket),
    },
    {
      id: `${router.name}/sshd`,
      namespace,
      argv: [...view, paths.view, paths.files, hostnameOf(router), '/usr/sbin/sshd', '-D', '-e'],
      restart: true,
      readyWhen: () => exists(paths.sshdPid),
    },
  ];
}

async function unitReady(_spec: LabSpec, router: LabRouter, layout: LabLayout): Promise<string | undefined> {
  const paths = unitPaths(layout.unit(router.name));
  return (await answers(paths.socket)) ?? (await exists(paths.sshdPid));
}

/** argv of a login on the unit as root, by the path that cpaas takes: its management address, with the lab's key. */
export function unitShell(router: LabRouter, layout: LabLayout, words: readonly string[]): readonly string[] {
  const options = {
    HostKeyAlias: router.address,
    UserKnownHostsFile: layout.knownHosts,
    IdentityFile: layout.identity,
    IdentitiesOnly: 'yes',
    LogLevel: 'ERROR',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const ssh = ['ip', 'netns', 'exec', layout.namespace(router.name), 'ssh', '-F', 'none', ...flags];
  // ssh hands its words to the shell of the unit as one line; a terminal, where we have one, as somebody at the unit would have it
  const terminal = words.length > 0 && process.stdin.isTTY ? ['-t'] : [];
  return [...ssh, ...terminal, 'root@127.0.0.1', ...words.map(quote)];
}

/** Makes what a unit starts from; what it has changed since stays. Its switches for logins and the like are taken anew. */
async function prepare(spec: LabSpec, router: LabRouter, layout: LabLayout): Promise<void> {
  const paths = unitPaths(layout.unit(router.name));
  await mkdir(paths.folder, { recursive: true });
  await ensureKey(layout.identity, 'ed25519', `cpaas lab ${spec.name}`);
  await writeFiles(paths, hostnameOf(router), router.switches, await readFile(`${layout.identity}.pub`, 'utf8'));
  await ensureHostKeys(paths);
  await writeKnownHosts(layout.knownHosts, router.address, paths);
  await writeState(paths.behaviour, router.switches);
  if ((await readState(paths.state, UnitState)) !== undefined) return;
  const unit = newUnit(spec, router);
  await writeState(paths.state, unit);
  await saveObjects(paths, unit.objects);
  for (const [routeDomain, lines] of Object.entries(unit.zebos)) {
    if (lines.length === 0 && !router.switches.bulk) continue;
    const conf = paths.zebosConf(Number(routeDomain));
    await mkdir(dirname(conf), { recursive: true });
    const text = respelled(savedConfig(load(lines)), behaviour(router.switches));
    await writeFile(conf, text, { mode: 0o600 });
  }
}

function answers(socket: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const attempt = connect(socket);
    attempt.on('connect', () => {
      attempt.destroy();
      resolve(undefined);
    });
    attempt.on('error', () => resolve('its daemon does not answer'));
  });
}

async function exists(path: string): Promise<string | undefined> {
  return readFile(path).then(
    () => undefined,
    () => 'its sshd has not started',
  );
}
