import { z } from 'zod';
import { CpaasError } from '../core/errors.ts';
import { reading } from '../core/reading.ts';
import type { Output, Query } from '../core/transport.ts';
import { parseAnswer } from '../host/answer.ts';
import { CALICO, type NodeKey, networkName, nodeKey, OWNER } from './names.ts';
import { CalicoInstall, type ClusterShape } from './shape.ts';

/** A node of a k3d cluster, as Docker knows its container. */
export interface NodeContainer {
  /** Name of the container, which is the node's too. */
  readonly name: string;
  /** Nothing for a node that somebody added by another name. */
  readonly key?: NodeKey;
  readonly role: 'server' | 'agent';
  readonly running: boolean;
  /** On the cluster's network; nothing while it does not run. */
  readonly address?: string;
  readonly image: string;
  /** All that k3s was told. */
  readonly cmd: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

const Container = z.object({
  Name: z.string(),
  State: z.object({ Running: z.boolean(), Paused: z.boolean().optional(), Restarting: z.boolean().optional() }),
  Config: z.object({
    Image: z.string(),
    Cmd: z.array(z.string()).nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.object({ IPAddress: z.string().nullish() })).nullish(),
  }),
});

/** The nodes of a k3d cluster by name, whoever made it; none where Docker is not installed. Rejects with `DOCKER.UNREACHABLE`. */
export async function nodeContainers(machine: Query, cluster: string): Promise<readonly NodeContainer[]> {
  const list = ['docker', 'ps', '--all', '--no-trunc', '--quiet', '--filter', `label=k3d.cluster=${cluster}`];
  const listed = await askDocker(machine, list);
  const ids = listed.stdout.split('\n').filter(Boolean);
  if (ids.length === 0) return [];
  // one that has gone meanwhile is no failure: the others are printed
  const { stdout } = await askDocker(machine, ['docker', 'inspect', '--type', 'container', ...ids]);
  return parseContainers(stdout, cluster);
}

/** The answer of `docker inspect`. */
export function parseContainers(stdout: string, cluster: string): readonly NodeContainer[] {
  const found = parseAnswer(z.array(Container), stdout, 'DOCKER.ANSWER', 'docker inspect');
  return found
    .flatMap((container) => node(container, cluster) ?? [])
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function node({ Name, State, Config, NetworkSettings }: z.infer<typeof Container>, cluster: string) {
  const name = Name.replace(/^\//, '');
  const labels = Config.Labels ?? {};
  const role = labels['k3d.role'];
  // load balancers, registries and tools are no nodes
  if (role !== 'server' && role !== 'agent') return undefined;
  const key = nodeKey(cluster, name);
  const address = NetworkSettings.Networks?.[labels['k3d.cluster.network'] ?? networkName(cluster)]?.IPAddress;
  return {
    name,
    ...(key ? { key } : {}),
    role,
    running: State.Running && !State.Paused && !State.Restarting,
    ...(address ? { address } : {}),
    image: Config.Image,
    cmd: Config.Cmd ?? [],
    labels,
  } satisfies NodeContainer;
}

/** What the servers were made with; nothing when there are none. */
export function shapeOf(containers: readonly NodeContainer[]): ClusterShape | undefined {
  const servers = containers.filter(({ role }) => role === 'server');
  const [first = containers[0]] = servers;
  if (!first) return undefined;
  const { args, tlsSans } = argumentsIn(first.cmd);
  const calico = calicoIn(first.labels[CALICO]);
  return { image: first.image, servers: servers.length, args, tlsSans, ...(calico ? { calico } : {}) };
}

function calicoIn(label: string | undefined): CalicoInstall | undefined {
  try {
    return label === undefined ? undefined : CalicoInstall.parse(JSON.parse(label));
  } catch {
    return undefined;
  }
}

/** What k3d adds to the first of several servers. */
const OF_K3D = new Set(['server', 'agent', '--cluster-init']);

/** Names for the certificate stand in one word or in two: k3d writes its own in two. */
function argumentsIn(cmd: readonly string[]) {
  const SAN = '--tls-san';
  const tlsSans = cmd.flatMap((word, at) =>
    word.startsWith(`${SAN}=`) ? [word.slice(SAN.length + 1)] : cmd[at - 1] === SAN ? [word] : [],
  );
  const args = cmd.filter(
    (word, at) => !OF_K3D.has(word) && word !== SAN && !word.startsWith(`${SAN}=`) && cmd[at - 1] !== SAN,
  );
  return { args, tlsSans };
}

/** Whether the cluster is one that cpaas made for a cluster file of this name. */
export const isOurs = (containers: readonly NodeContainer[], cluster: string): boolean =>
  containers.some(({ labels }) => labels[OWNER] === cluster);

/** Asks Docker something. An engine that does not answer is `DOCKER.UNREACHABLE`; no Docker at all answers nothing. */
export async function askDocker(machine: Query, argv: readonly string[]): Promise<Output> {
  const output = await machine.query(reading(argv, { codes: [1, 127] }));
  if (output.code === 127) return { ...output, stdout: '' };
  if (output.code === 1 && !MISSING.test(output.stderr)) throw unreachable(machine.name, output.stderr);
  return output;
}

/** Of what was asked for by name; docker 29 says `no such file or directory` of a socket that is not there. Source: docker/cli 20.10 to 29. */
const MISSING = /no such (object|container|network)|network \S+ not found/i;

const unreachable = (host: string, answer: string): CpaasError =>
  new CpaasError('DOCKER.UNREACHABLE', `${host}: Docker does not answer`, {
    evidence: [{ label: 'answer', text: answer.trim() || '(nothing)' }],
    next: [
      { label: 'see whether it runs', command: 'systemctl status docker' },
      { label: 'see whether you may use it: the group docker counts from your next login', command: 'id -nG' },
    ],
  });
