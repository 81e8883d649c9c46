import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../machines/machine.ts';
import { RECORDED } from './recorded.ts';

/** Folders of a machine that are no disk of its own: the kernel's, this computer's, and where a test keeps what it looks for. */
export const ELSEWHERE: readonly string[] = [
  ...['/proc', '/sys', '/dev', '/opt/images', '/opt/calico.tar', '/opt/cpaas', '/usr/local/bin/node', RECORDED],
];

/** Files, rules, links and routes of a machine, without what is only logged, cached or handed to containers. */
export async function snapshotOf(machine: Machine): Promise<readonly [string, string]> {
  const pruned = [
    ...ELSEWHERE,
    '/run',
    '/tmp',
    '/var/log',
    '/var/lib/containerd',
    '/var/lib/systemd',
    '/var/cache',
    // of the kubectl that this test runs
    '/.kube',
    // made by the kubelet for a mount, where a machine has none
    '/usr/lib/modules',
  ];
  const prune = pruned.flatMap((path) => ['-path', path, '-prune', '-o']);
  const files = await machine.ask(['find', '/', ...prune, '-printf', '%y %m %u %p\\n']);
  return [machine.name, [files.split('\n').toSorted().join('\n'), await networkOf(machine)].join('\n')];
}

/**
 * The files of a machine with when each was written, whatever is in it: so that whoever has written one shows. Without what its own
 * programs keep writing.
 */
export async function writtenOn(machine: Machine): Promise<readonly string[]> {
  const pruned = [
    ...ELSEWHERE,
    ...['/run', '/tmp', '/var/log', '/var/lib/containerd', '/var/lib/kubelet', '/var/lib/etcd', '/var/lib/systemd'],
    '/var/cache',
    // what kubectl keeps of the API's kinds, wherever it is called
    '*/.kube',
  ];
  const prune = pruned.flatMap((path) => ['-path', path, '-prune', '-o']);
  const listed = await machine.ask(['find', '/', ...prune, '-printf', '%p %y %m %u:%g %s %T@ %l\\n']);
  return listed
    .split('\n')
    .filter((line) => !line.startsWith('/ ') && !line.startsWith('/root '))
    .toSorted();
}

/** Links, routes and rules of a machine, each as it is written to make it. */
export async function networkOf(machine: Machine): Promise<string> {
  const listed = await Promise.all(
    [['ip', '-o', 'link'], ['ip', 'route'], ['iptables-save'], ['ip6tables-save']].map((argv) => machine.ask(argv)),
  );
  const [links = '', ...rest] = listed;
  const names = links.split('\n').map((line) => line.split(': ')[1] ?? '');
  const rules = rest.map((text) =>
    text
      .split('\n')
      .filter((line) => /^-A|^:(KUBE|cali)/.test(line) || /^\d/.test(line))
      .join('\n'),
  );
  return [names.join(' '), ...rules].join('\n');
}

const KINDS = ['nodes', 'namespaces', 'configmaps', 'secrets', 'serviceaccounts', 'services', 'pods', 'daemonsets.apps']
  .concat(['deployments.apps', 'clusterroles', 'clusterrolebindings', 'customresourcedefinitions'])
  .concat(
    ['bgpconfigurations', 'bgppeers', 'bgpfilters', 'ippools', 'blockaffinities'].map(
      (plural) => `${plural}.crd.projectcalico.org`,
    ),
  );

/** What a cluster's API holds: each object as somebody has written it, without what is reported of it. */
export async function objectsOf(
  kubectl: (...words: readonly string[]) => Promise<string>,
): Promise<Readonly<Record<string, unknown>>> {
  const { items } = JSON.parse(await kubectl('get', KINDS.join(','), '-A', '-o', 'json')) as { items: KubeObject[] };
  return Object.fromEntries(
    items.map(({ kind, metadata, status: _, ...written }) => {
      const { name, namespace = '', uid, labels, annotations } = metadata;
      return [`${kind} ${namespace}/${name}`, { uid, labels, annotations, ...written }];
    }),
  );
}

interface KubeObject {
  readonly kind: string;
  readonly status?: unknown;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly labels?: unknown;
    readonly annotations?: unknown;
  };
}

/** The files of a folder of this computer, by path, with what is in them. */
export const filesBelow = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, readFileSync(path, 'utf8')]),
  );
