import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { execa } from 'execa';
import { expect, vi } from 'vitest';
import type { RunDocument } from '../../src/core/documents.ts';
import { labLayout } from '../../src/lab/layout.ts';
import type { Workspace } from './cpaas.ts';

/** A run went well; what went wrong is shown when it did not. */
export function expectDone(
  { code, outcome, error }: RunDocument & { readonly code: number },
  wanted = 'applied',
): void {
  expect({ code, outcome, error }).toEqual({ code: 0, outcome: wanted, error: undefined });
}

/** What can be read of a lab's machines, as text, by where it stands: `bigip1: net self`, `vm: iptables-save`, `cluster: BGPPeer bigip1`. */
export type Dump = Readonly<Record<string, string>>;

/** Everything that cpaas could have changed in a lab: its units, its hosts, its cluster. */
export async function dumpOf(lab: Workspace): Promise<Dump> {
  const { nodes, routers, behind } = machinesOf(lab);
  const hosts = [...(behind ? ['vm'] : []), ...nodes];
  const parts = await Promise.all([
    clusterDump(lab, hosts[0] ?? ''),
    ...hosts.map((host) => hostDump(lab, host)),
    ...routers.map((router) => unitDump(lab, router)),
  ]);
  return Object.assign({}, ...parts);
}

/** What a dump says of one machine. */
export const ofMachine = (dump: Dump, machine: string): Dump =>
  Object.fromEntries(Object.entries(dump).filter(([key]) => key.startsWith(`${machine}: `)));

/** The same, once the nodes of a lab whose mesh is on know the blocks of each other: what BGP teaches them takes its time. */
export async function settledDump(lab: Workspace): Promise<Dump> {
  const { nodes } = machinesOf(lab);
  return vi.waitFor(
    async () => {
      const dump = await dumpOf(lab);
      for (const node of nodes) {
        const learned = dump[`${node}: ip route`]?.match(/^\S+ via \S+ dev \S+ proto bird/gm) ?? [];
        expect(`${node}: ${learned.length} learned`).toBe(`${node}: ${nodes.length - 1} learned`);
      }
      return dump;
    },
    { timeout: 60_000, interval: 500 },
  );
}

/** Starts the machines of a file with nothing configured between them, and tells what they are like then. */
export async function bareLab(lab: Workspace): Promise<Dump> {
  expect(await lab.run('lab', 'up')).toMatchObject({ code: 0 });
  return settledDump(lab);
}

/** Waits until a lab is as a dump says: what BGP has taught needs a moment to go. */
export const expectDump = (lab: Workspace, wanted: Dump): Promise<void> =>
  vi.waitFor(async () => expect(await dumpOf(lab)).toEqual(wanted), { timeout: 40_000, interval: 500 });

interface Machines {
  readonly nodes: readonly string[];
  readonly routers: readonly string[];
  readonly behind: boolean;
}

/** As the lab itself lists them: the file may have changed since. */
function machinesOf({ name }: Workspace): Machines {
  const text = readFileSync(`/run/cpaas/${name}/lab.json`, 'utf8');
  const { spec, machines } = JSON.parse(text) as {
    spec: { topology: string };
    machines: { kind: string; name: string }[];
  };
  const of = (kind: string) => machines.filter((each) => each.kind === kind).map((each) => each.name);
  return { nodes: of('node'), routers: of('router'), behind: spec.topology === 'vm' };
}

const UNIT: Readonly<Record<string, string>> = {
  'running-config': 'imish -e "show running-config"',
  'net route': 'tmsh list net route',
  'net self': 'tmsh list net self',
  'net route-domain': 'tmsh list net route-domain',
  'bigip.conf': 'cat /config/bigip.conf',
  'bigip_base.conf': 'cat /config/bigip_base.conf',
  'bigip_user.conf': 'cat /config/bigip_user.conf',
  'ZebOS.conf': 'cat /config/zebos/rd0/ZebOS.conf',
  'other files': 'find /config -type f | grep -v "bigip.*conf$" | grep -v ZebOS.conf',
};

/** A unit's configuration, in force and saved. */
export async function unitDump(lab: Workspace, router: string): Promise<Dump> {
  const asked = Object.entries(UNIT);
  const text = await lab.unit(router, ...asked.flatMap(([, line], at) => [`echo "=== ${at}"`, `${line} 2>&1`]));
  const answers = text.split(/^=== \d+(?:\n|$)/m).slice(1);
  if (answers.length !== asked.length) throw new Error(`${router} did not answer everything:\n${text}`);
  return Object.fromEntries(
    asked.map(([what], at) => [`${router}: ${what}`, withoutEmpty(what, answers[at]?.trimEnd() ?? '')]),
  );
}

/** What imish writes where nothing is configured says as much as no file. */
function withoutEmpty(what: string, text: string): string {
  if (what !== 'ZebOS.conf') return text;
  if (text.includes('No such file')) return '';
  return text.replaceAll(/^(!|no service password-encryption|line .*| login|end)?\n?/gm, '');
}

/** Routes, packet filter rules and forwarding of a host. */
export async function hostDump(lab: Workspace, host: string): Promise<Dump> {
  const inside = (...argv: readonly string[]) => lab.inside(host, ...argv);
  const [routes, rules, forward] = await Promise.all([
    inside('ip', 'route'),
    inside('iptables-save'),
    inside('sysctl', 'net.ipv4.ip_forward'),
  ]);
  return {
    [`${host}: ip route`]: routes.split('\n').sort().join('\n'),
    [`${host}: iptables-save`]: rulesOf(rules),
    [`${host}: sysctl`]: forward,
  };
}

/** Without counters, the comments of the dump, and tables in which nothing stands: looking at one is enough to make it. */
function rulesOf(saved: string): string {
  const tables = saved.split(/^(?=\*)/m).map((table) =>
    table
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.replace(/ \[\d+:\d+\]$/, ''))
      .join('\n'),
  );
  return tables.filter((table) => /^-A|^:\S+ (DROP|-)$/m.test(table)).join('\n');
}

const KINDS = ['bgpconfigurations', 'bgpfilters', 'bgppeers', 'ippools', 'blockaffinities', 'ipamblocks', 'ipamconfigs']
  .concat(['felixconfigurations', 'clusterinformations', 'caliconodestatuses'])
  .map((plural) => `${plural}.crd.projectcalico.org`)
  .concat(['nodes', 'namespaces', 'configmaps', 'secrets', 'serviceaccounts', 'daemonsets.apps']);

/** calicoctl keeps metadata of its own, in a text. */
const MADE_AT = /\\"creationTimestamp\\":\\"[^"]*\\",?/g;

interface KubeObject {
  readonly kind: string;
  readonly metadata: Record<string, unknown>;
  readonly spec?: unknown;
  readonly data?: unknown;
}

/** Calico's objects, and of Kubernetes' own those that something of cpaas could be in; without what the API server notes by itself. */
async function clusterDump(lab: Workspace, host: string): Promise<Dump> {
  const kubectl = ['kubectl', '--kubeconfig', labLayout(lab.name).kubeconfig];
  const text = await lab.inside(host, ...kubectl, 'get', KINDS.join(','), '-A', '-o', 'json');
  const { items } = JSON.parse(text) as { items: readonly KubeObject[] };
  return Object.fromEntries(
    items.map(({ kind, metadata, spec, data }) => {
      const { name, namespace, labels, annotations } = metadata;
      const kept = { labels, annotations, spec, data };
      const text = JSON.stringify(kept, null, 1).replaceAll(MADE_AT, '');
      return [`cluster: ${kind} ${[namespace, name].filter(Boolean).join('/')}`, text];
    }),
  );
}

/** What a lab is on the machine it stands on. */
export interface Traces {
  readonly namespaces: readonly string[];
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly files: readonly string[];
  /** Of the machine's own namespace, whoever's they are. */
  readonly links: readonly string[];
}

/** The network namespaces of a lab, as the kernel numbers them: by these its processes are found when their names are gone. */
export function kernelNamespaces({ name }: Workspace): ReadonlySet<string> {
  const names = readdirSync('/run/netns').filter((each) => each.startsWith(`${name}-`));
  return new Set(names.map((each) => String(statSync(`/run/netns/${each}`).ino)));
}

/** Everything on the machine that bears the lab's name, or runs in a namespace that it had. Its state folder does not count. */
export async function traces(lab: Workspace, had: ReadonlySet<string> = new Set()): Promise<Traces> {
  const { name, folder } = lab;
  const lines = async (...[program = '', ...words]: readonly string[]) =>
    (await execa(program, words, { reject: false })).stdout.split('\n').filter(Boolean);
  return {
    namespaces: (await lines('ip', 'netns', 'list')).filter((line) => line.startsWith(`${name}-`)),
    processes: processesOf(name, had),
    mounts: readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(`/${name}-`) || line.includes(`/cpaas/${name}`)),
    files: await lines(
      ...['find', '/run', '/tmp', '/var', '/etc', '/root', '/home', '/dev/shm', '-xdev'],
      // state folders of other suites, and of those that were cut off, are no trace of this lab
      ...[
        '-path',
        folder,
        '-prune',
        '-o',
        '-path',
        '*/cpaas-suite-*',
        '-prune',
        '-o',
        '(',
        '-name',
        name,
        '-o',
        '-name',
        `${name}-*`,
        ')',
        '-print',
      ],
    ),
    links: (await lines('ip', '-o', 'link')).map((line) => line.split(': ')[1] ?? ''),
  };
}

/** The processes that name a lab, or run in one of these namespaces: `PID COMMAND LINE`. */
export function processesOf(name: string, namespaces: ReadonlySet<string> = new Set()): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const inode = /\d+/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[0] ?? '';
      return new RegExp(`\\b${name}\\b`).test(words) || namespaces.has(inode) ? [`${pid} ${words}`] : [];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}
