import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { labLayout } from '../../src/lab/layout.ts';
import type { Workspace } from './cpaas.ts';
import { processesOf } from './dumps.ts';
import type { Fault } from './fault-cells.ts';
import { until } from './lab.ts';

const BIN = fileURLToPath(new URL('../../bin/cpaas.js', import.meta.url));
const API_PROXY = fileURLToPath(new URL('api-proxy.js', import.meta.url));
const CLOCK = new URL('clock-back.js', import.meta.url).href;

const REFUSE = ['-p', 'tcp', '--dport', '6443', '-j', 'REJECT'];
const THROUGH = ['-t', 'nat', '-p', 'tcp', '--dport', '6443', '-j', 'REDIRECT', '--to-ports', '16443'];
/** What a failure to speak with the API is called. */
const API = /^(KUBE|CALICO|HOST)\./;
const UNIT = /^(HOST|DEVICE|BGP)\./;

/** Puts a small file system with what a folder holds in its place, and fills it. */
const FULL = [
  'cp -a "$1" "$2"; mount -t tmpfs -o size=128k tmpfs "$1"; cp -a "$2/." "$1"; rm -r "$2"',
  'cat /dev/zero >"$1/filler" 2>/dev/null || true',
].join('; ');

/** The faults of a lab's world, by what they are about. */
export function labFaults(lab: Workspace) {
  const mode = join(lab.folder, 'mode');
  const inVm = (...argv: readonly string[]) => ['ip', 'netns', 'exec', `${lab.name}-vm`, ...argv];
  const inNode = (...argv: readonly string[]) => ['ip', 'netns', 'exec', `${lab.name}-server-0`, ...argv];
  const rule = (how: '-I' | '-D', words: readonly string[]) => lab.inside('vm', 'iptables', how, 'OUTPUT', ...words);
  /** The API is behind a proxy that answers otherwise. */
  const answering = (how: string): Pick<Fault, 'begin' | 'heal'> => ({
    begin: async () => {
      writeFileSync(mode, how);
      await rule('-I', THROUGH);
    },
    heal: () => rule('-D', THROUGH),
  });
  const api: readonly Fault[] = [
    { name: 'API down', begin: () => rule('-I', REFUSE), heal: () => rule('-D', REFUSE), code: 2, tells: API },
    { name: 'API answers 500', ...answering('500'), code: 2, tells: API },
    { name: 'API answers by half', ...answering('half'), code: 2, tells: API },
    { name: 'proxy does not answer', env: { HTTPS_PROXY: 'http://127.0.0.1:9' }, code: 2, tells: API },
  ];
  const slow: Fault = { name: 'API answers slowly', ...answering('slow'), code: 0 };
  const clock: Fault = { name: 'clock put back by a day', env: { NODE_OPTIONS: `--import ${CLOCK}` }, code: 0 };
  const torn: Fault = {
    name: 'last line of the journal torn',
    begin: () => {
      const folder = join(lab.state, lab.name);
      mkdirSync(folder, { recursive: true });
      appendFileSync(join(folder, 'journal.ndjson'), '{"v":1,"type":"int');
    },
    code: 0,
  };
  const apiDuring: readonly Fault[] = [
    {
      name: 'API down in the middle',
      moment: 'after the intent, before the change',
      step: 'calico.',
      does: { run: inVm('iptables', '-I', 'OUTPUT', ...REFUSE) },
      heal: () => rule('-D', REFUSE),
      code: 2,
      tells: API,
    },
    { name: 'API answers 409 to changes', ...answering('409'), code: 2, tells: API },
  ];
  const unit: readonly Fault[] = [
    {
      name: 'SSH cut in the middle',
      moment: 'in the middle of the change',
      step: 'bigip.bgp',
      does: { cut: true },
      code: 2,
      tells: UNIT,
    },
    {
      name: 'BIG-IP reboots in the middle',
      moment: 'in the middle of the change',
      step: 'bigip.bgp',
      does: {
        run: ['sh', '-c', 'echo reboot | "$0" "$1" lab shell bigip1 -f "$2"; true', process.execPath, BIN, lab.file],
      },
      heal: () => until(async () => (await lab.unit('bigip1', 'tmsh list net self')).includes('address')),
      code: 2,
      tells: UNIT,
    },
  ];
  const folder = labLayout(lab.name).unit('bigip1');
  const config = join(folder, 'files', 'config');
  /** As the daemon sees the machine that saves what a unit has. */
  const inDaemon = (...argv: readonly string[]) => {
    const daemon = processesOf(lab.name).find((line) => line.trimEnd().endsWith(`bigip/unit/main.js ${folder}`));
    return execa('nsenter', ['--mount', '--target', daemon?.split(' ')[0] ?? '', ...argv]);
  };
  const full: Fault = {
    name: 'disk of the BIG-IP full at the save',
    begin: () => inDaemon('sh', '-c', FULL, 'sh', config, join(lab.folder, 'config')),
    heal: () => inDaemon('umount', config),
    code: 2,
    tells: /NOT_SAVED$/,
  };
  /** Nothing reaches it any more. */
  const node: Fault = {
    name: 'node gone in the middle',
    moment: 'after the intent, before the change',
    step: 'bigip.route',
    does: { run: inNode('iptables', '-I', 'INPUT', '-i', 'eth0', '-j', 'DROP') },
    // long enough for everything else, also where the machine is busy
    words: ['--timeout', '15'],
    heal: () => lab.inside('server-0', 'iptables', '-D', 'INPUT', '-i', 'eth0', '-j', 'DROP'),
    code: 2,
    tells: /^GATE\.TIMEOUT$/,
  };
  const signals = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(
    (signal): Fault => ({ name: signal, moment: 'in the middle of the change', does: { signal }, code: 130 }),
  );
  /** Starts what stands before the API. Returns what ends it. */
  function proxy(): () => void {
    writeFileSync(mode, 'all');
    const [program = '', ...words] = inVm(process.execPath, API_PROXY, labLayout(lab.name).root, '16443', mode);
    const child = spawn(program, words, { stdio: 'ignore' });
    return () => child.kill();
  }
  return { api, apiDuring, slow, clock, torn, unit, full, signals, node, proxy };
}
