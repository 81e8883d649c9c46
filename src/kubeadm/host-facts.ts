import type { Query } from '../core/transport.ts';
import { askAll } from '../host/ask-all.ts';
import { servesKubelet, type WrittenBy, writtenBy } from '../host/containerd.ts';
import { type HostSoftware, softwareOf } from '../host/software.ts';
import { hostQuestions, type Said } from './host-questions.ts';
import { addressesOf, type InterfaceAddress, type Link, linksOf } from './interfaces.ts';
import { parseOwner } from './owner.ts';
import { caPin } from './pin.ts';
import { etcdOf, type Stage, stageOf } from './stage.ts';

/** What is true of a machine that is to be a node, as far as kubeadm and its users care. Read in one round trip. */
export interface HostFacts {
  readonly os: { readonly id: string; readonly version: string; readonly name: string };
  readonly kernel: string;
  /** As `uname -m` has it: `x86_64`. */
  readonly architecture: string;
  readonly systemd: boolean;
  /** User id that commands run as. */
  readonly uid: number;
  readonly cgroup: 1 | 2;
  /** Whether the kernel's security modules can be seen; in containers they cannot. */
  readonly securityfs: boolean;
  readonly cpus: number;
  /** MiB. */
  readonly memory: number;
  /** MiB free where pods, images and etcd are kept. */
  readonly disk: number;
  /** Devices and files that are swapped to. */
  readonly swap: readonly string[];
  readonly hostname: string;
  /** Empty where the machine has none. */
  readonly machineId: string;
  /** Of the firmware; nothing where there is none to ask. */
  readonly productUuid?: string;
  /** Milliseconds that its clock is ahead of ours. */
  readonly clock: number;
  readonly addresses: readonly InterfaceAddress[];
  /** Networks that it has or has routes to, the default left out. */
  readonly links: readonly Link[];
  /** Sockets of container runtimes. */
  readonly sockets: readonly string[];
  /** Versions of runtimes, by program; those that are there. */
  readonly runtimes: Readonly<Record<string, string>>;
  /** TCP ports that something listens on. */
  readonly ports: ReadonlySet<number>;
  /** Version of kubeadm, where it is installed. */
  readonly kubeadm?: string;
  readonly kubelet: { readonly installed: boolean; readonly state: string };
  /** Firewalls that are on, by their units. */
  readonly firewalls: readonly string[];
  /** What the kubelet would hand to pods that ask the host for names. */
  readonly nameservers: readonly string[];
  /** Whether systemd-resolved names them. */
  readonly resolved: boolean;
  /** How far kubeadm has come, and the cluster's certificate authority. */
  readonly stage: Stage;
  readonly pin?: string;
  /** Configurations of network plugins, by file name. */
  readonly cni: readonly string[];
  /** Whether data of an etcd are there that no control plane of the cluster has made. */
  readonly strangeEtcd: boolean;
  /** The cluster that cpaas has put it into, by name. */
  readonly owner?: string;
  /** Whether what was begun there for it has come to its end. */
  readonly ready: boolean;
  /** Packages and services. */
  readonly software: HostSoftware;
  /** Containerd's configuration: cpaas's, one that serves a kubelet as it is, or neither. */
  readonly containerdConfig: 'ours' | 'serves' | 'other';
  /** Units that stand where cpaas puts its own. */
  readonly kubeletUnit: WrittenBy;
  readonly containerdUnit: WrittenBy;
}

/** In the order in which they are asked for. */
const FIREWALLS = ['ufw', 'firewalld'] as const;

/** Asks a machine everything at once. Rejects as `queryAll` does. */
export async function readHostFacts(machine: Query, now: () => number = Date.now): Promise<HostFacts> {
  const before = now();
  const said = await askAll(machine, hostQuestions);
  const after = now();
  return hostFacts(said, machine.name, (before + after) / 2);
}

/** Makes facts of the answers; `asked` is our time meanwhile, in milliseconds since 1970. */
function hostFacts(said: Said, host: string, asked: number): HostFacts {
  const text = (name: keyof Said): string => (said[name].code === 0 ? said[name].stdout.trim() : '');
  const release = properties(text('os'));
  const unit = properties(text('kubelet'));
  const [, kernel = '', architecture = ''] = text('kernel').split(' ');
  const pin = caPin(text('certificate'));
  const productUuid = text('productUuid').toLowerCase();
  const kubeadm = text('kubeadm');
  const owner = parseOwner(text('owner'));
  return {
    os: {
      id: release['ID'] ?? '',
      version: release['VERSION_ID'] ?? '',
      name: release['PRETTY_NAME'] ?? '',
    },
    kernel,
    architecture,
    systemd: text('init') === 'systemd',
    uid: Number(text('uid')),
    cgroup: text('cgroup') === 'cgroup2fs' ? 2 : 1,
    securityfs: text('securityfs') === 'securityfs',
    cpus: Number(text('cpus')),
    memory: Math.floor(Number(/^MemTotal:\s+(\d+) kB/m.exec(text('memory'))?.[1] ?? 0) / 1024),
    disk: Math.floor(Number(text('disk').split('\n').at(-1)?.trim().split(/\s+/)[3] ?? 0) / 1024),
    swap: lines(text('swap')).slice(1).map(firstWord),
    hostname: text('hostname'),
    machineId: text('machineId'),
    ...(productUuid ? { productUuid } : {}),
    clock: Math.round(Number(text('clock')) * 1000 - asked),
    addresses: addressesOf(said.addresses.stdout, host),
    links: linksOf(said.routes.stdout, host),
    sockets: lines(said.sockets.stdout),
    runtimes: runtimesOf(said),
    ports: new Set(lines(text('ports')).map(portOf)),
    ...(kubeadm ? { kubeadm } : {}),
    kubelet: { installed: unit['LoadState'] === 'loaded', state: unit['ActiveState'] ?? '' },
    firewalls: FIREWALLS.filter((_, at) => said.firewalls.stdout.split('\n')[at]?.trim() === 'active'),
    nameservers: nameservers(text('upstreams') || text('resolver')),
    resolved: text('upstreams') !== '',
    stage: stageOf(said.markers),
    ...(pin ? { pin } : {}),
    cni: lines(text('cni')),
    strangeEtcd: etcdOf(said.markers, owner?.controlPlane ?? false) === 'theirs',
    ...(owner ? { owner: owner.cluster } : {}),
    ready: owner?.ready ?? false,
    software: softwareOf(said),
    containerdConfig: configOf(text('containerdConfig'), text('containerdDump')),
    kubeletUnit: writtenBy(text('kubeletUnit')),
    containerdUnit: writtenBy(text('containerdUnit')),
  };
}

function configOf(config: string, dump: string): HostFacts['containerdConfig'] {
  if (writtenBy(config) === 'ours') return 'ours';
  return servesKubelet(dump) ? 'serves' : 'other';
}

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '');
const firstWord = (line: string): string => line.trim().split(/\s+/)[0] ?? '';

/** `NAME=value` or `NAME="value"`, a line each. */
function properties(text: string): Readonly<Record<string, string>> {
  const pairs = lines(text).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  return Object.fromEntries(pairs.map(([name, value = '']) => [name, value.replace(/^"(.*)"$/, '$1')]));
}

/** The local end of a line of `ss -Hltn`: `*:6443`, `[::]:22`, `127.0.0.1:10248`. */
const portOf = (line: string): number => Number(/:(\d+)$/.exec(line.trim().split(/\s+/)[3] ?? '')?.[1]);

function runtimesOf({ containerd, docker }: Said): HostFacts['runtimes'] {
  const version = (text: string): string | undefined => /\bv?(\d+\.\d+\.\d+[\w.~+-]*)/.exec(text)?.[1];
  const found = { containerd: version(containerd.stdout), dockerd: version(docker.stdout) };
  return Object.fromEntries(Object.entries(found).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

const nameservers = (text: string): readonly string[] =>
  [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, address = '']) => address);
