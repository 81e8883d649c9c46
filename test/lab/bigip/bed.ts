import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { labLayout } from '../../../src/lab/layout.ts';
import type { LabRouter, LabSpec, UnitSwitches } from '../../../src/lab/spec.ts';
import type { BigipPart } from '../../../src/lab/supervisor/parts.ts';

const PART = new URL('../../../dist/lab/bigip/part.js', import.meta.url);
const NEEDED = ['/usr/lib/frr/bgpd', '/usr/sbin/bird', '/usr/sbin/sshd', fileURLToPath(PART)];

/** Why a unit cannot be run here, or nothing. For `describe.skipIf`. */
export const noUnit: string | undefined =
  process.getuid?.() !== 0 ? 'only root can make network namespaces' : NEEDED.find((path) => !existsSync(path));

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export interface Login {
  readonly user?: string;
  readonly input?: string;
  /** Instead of the lab's key. */
  readonly password?: string;
  readonly terminal?: boolean;
  /** On the other unit of a pair. */
  readonly other?: boolean;
  /** Milliseconds after which the login is given up with code -1. */
  readonly patience?: number;
}

/** One unit at 10.10.2.20 and one neighbor at 10.10.2.30, in a namespace each, without the rest of a lab. */
export interface Bed {
  ssh(command: string, login?: Login): Promise<Ran>;
  /** Runs a program in the unit's namespace, or in the neighbor's. */
  unit(...argv: readonly string[]): Promise<Ran>;
  node(...argv: readonly string[]): Promise<Ran>;
  /** Starts a BIRD in the neighbor's namespace that peers with the unit and has two blocks; ends the one before. */
  bird(as?: number): Promise<void>;
  killBird(): Promise<void>;
  /** Ends the unit's daemon, by a signal, and starts it again. */
  restartDaemon(signal: NodeJS.Signals): Promise<void>;
  /** A file of the unit, as its users name it. */
  file(path: string): Promise<string>;
  /** Everything the unit and its programs wrote for the supervisor's log and the command log. */
  logs(): Promise<string>;
  down(): Promise<void>;
}

/** With `pair` there is a second unit, which has no neighbor and whose switches these are. */
export async function startBed(name: string, switches: UnitSwitches = {}, pair?: UnitSwitches): Promise<Bed> {
  const { bigip } = (await import(PART.href)) as { bigip: BigipPart };
  const router: LabRouter = { name: 'bigip1', address: '10.10.2.20', selfIp: 'internal', switches };
  const other: LabRouter = { name: 'bigip2', address: '10.10.2.21', selfIp: 'internal', switches: pair ?? {} };
  const routers = pair === undefined ? [router] : [router, other];
  // Only what a unit looks at.
  const spec = { name, lan: '10.10.2.0/24', asNumber: 64512, routers } as unknown as LabSpec;
  const layout = labLayout(name);
  const unitNs = layout.namespace('bigip1');
  const nodeNs = layout.namespace('node');
  const otherNs = layout.namespace('bigip2');
  const namespaces = pair === undefined ? [unitNs, nodeNs] : [unitNs, nodeNs, otherNs];
  const scratch = await mkdtemp(join(tmpdir(), 'cpaas-bigip-'));
  const children = new Map<string, ChildProcess>();
  let log = '';

  const start = (id: string, namespace: string, argv: readonly string[]) => {
    const child = spawn('ip', ['netns', 'exec', namespace, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        log += chunk;
      });
    }
    children.set(id, child);
  };
  const stop = async (id: string, signal: NodeJS.Signals = 'SIGTERM') => {
    const child = children.get(id);
    children.delete(id);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const left = once(child, 'exit');
    child.kill(signal);
    await left;
  };
  const startUnit = async (of: LabRouter, only?: string) => {
    for (const { id, argv } of await bigip.unitProcesses(spec, of, layout)) {
      if (only === undefined || id === only) start(id, layout.namespace(of.name), argv);
    }
    await until(async () => (await bigip.unitReady(spec, of, layout)) === undefined);
  };

  const clear = async () => {
    for (const each of namespaces) {
      const { stdout } = await ran('ip', ['netns', 'pids', each]);
      for (const pid of stdout.split('\n').filter(Boolean)) await ran('kill', ['-9', pid]);
      await ran('ip', ['netns', 'del', each]);
    }
    await rm(layout.root, { recursive: true, force: true });
  };
  const down = async () => {
    for (const id of [...children.keys()].reverse()) await stop(id);
    await clear();
    await rm(scratch, { recursive: true, force: true });
  };

  // a run of the tests that was killed leaves its own
  await clear();
  for (const each of namespaces) {
    await ran('ip', ['netns', 'add', each]);
    await ran('ip', ['-n', each, 'link', 'set', 'lo', 'up']);
  }
  const link = ['link', 'add', 'internal', 'netns', unitNs, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', nodeNs];
  await ran('ip', link);
  await ran('ip', ['-n', unitNs, 'link', 'set', 'internal', 'up']);
  await ran('ip', ['-n', nodeNs, 'link', 'set', 'eth0', 'up']);
  await ran('ip', ['-n', nodeNs, 'addr', 'add', '10.10.2.30/24', 'dev', 'eth0']);
  if (pair !== undefined) {
    await ran('ip', ['-n', otherNs, 'link', 'add', 'internal', 'type', 'bridge']);
    await ran('ip', ['-n', otherNs, 'link', 'set', 'internal', 'up']);
  }
  try {
    for (const each of routers) await startUnit(each);
  } catch (cause) {
    await down();
    throw new Error(`no unit: ${log}`, { cause });
  }

  return {
    ssh: async (command, { user = 'root', input, password, terminal, other: onOther, patience = 60_000 } = {}) => {
      const to = onOther ? other : router;
      const options = [`HostKeyAlias=${to.address}`, `UserKnownHostsFile=${layout.knownHosts}`, 'LogLevel=ERROR'];
      const askpass = join(scratch, 'askpass');
      await writeFile(askpass, `#!/bin/sh\necho '${password ?? ''}'\n`, { mode: 0o755 });
      const how =
        password === undefined
          ? [`IdentityFile=${layout.identity}`, 'IdentitiesOnly=yes', 'BatchMode=yes']
          : ['PubkeyAuthentication=no', 'NumberOfPasswordPrompts=1'];
      const flags = [...options, ...how].flatMap((option) => ['-o', option]);
      const words = ['-F', 'none', ...flags, ...(terminal ? ['-tt'] : []), `${user}@127.0.0.1`];
      const env = { PATH: process.env['PATH'], SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' };
      const argv = ['netns', 'exec', layout.namespace(to.name), 'ssh', ...words, ...(command === '' ? [] : [command])];
      return ran('ip', argv, { input: input ?? '', env, patience });
    },
    unit: (program = '', ...argv) => ran('ip', ['netns', 'exec', unitNs, program, ...argv]),
    node: (program = '', ...argv) => ran('ip', ['netns', 'exec', nodeNs, program, ...argv]),
    bird: async (as = 64512) => {
      await stop('bird');
      const conf = join(scratch, 'bird.conf');
      await writeFile(conf, BIRD(as));
      start('bird', nodeNs, ['bird', '-f', '-c', conf, '-s', join(scratch, 'bird.ctl')]);
    },
    killBird: () => stop('bird', 'SIGKILL'),
    restartDaemon: async (signal) => {
      await stop('bigip1/unit', signal);
      await startUnit(router, 'bigip1/unit');
    },
    file: (path) => readFile(join(layout.unit('bigip1'), 'files', path), 'utf8'),
    logs: async () => log + (await readFile(join(layout.unit('bigip1'), 'commands.log'), 'utf8').catch(() => '')),
    down,
  };
}

/** Waits for something that will come about by itself. */
export const until = (holds: () => Promise<boolean>): Promise<void> =>
  vi.waitUntil(holds, { timeout: 60_000, interval: 100 }).then(() => undefined);

function ran(
  program: string,
  argv: readonly string[],
  { input = '', env, patience = 60_000 }: { input?: string; env?: NodeJS.ProcessEnv; patience?: number } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...argv],
      { env: env ?? process.env, timeout: patience },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.killed || typeof error.code !== 'number' ? -1 : error.code;
        resolve({ stdout, stderr, code });
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

const BIRD = (as: number) => `
log stderr all;
router id 10.10.2.30;
protocol device { }
protocol static blocks { ipv4; route 10.53.168.192/26 blackhole; route 10.53.1.0/26 blackhole; }
protocol bgp bigip1 {
  local as ${as}; neighbor 10.10.2.20 as 64512; multihop; source address 10.10.2.30;
  connect delay time 1; connect retry time 1; error wait time 1,2; graceful restart;
  ipv4 { import all; export all; };
}
`;
