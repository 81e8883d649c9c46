import { stripVTControlCharacters } from 'node:util';
import type { Writer } from '../core/context.ts';
import { CpaasError } from '../core/errors.ts';
import type { ElementChange } from '../core/step.ts';
import {
  type Argv,
  addNode,
  createCluster,
  deleteCluster,
  drainNode,
  forgetNode,
  removeNode,
  startCluster,
} from './argv.ts';
import { changesOf } from './changes.ts';
import { FILES, k3dConfig } from './config.ts';
import { type NodeContainer, nodeContainers, shapeOf } from './containers.ts';
import { kubeconfigFor } from './kubeconfig.ts';
import { manifestFor } from './manifest.ts';
import { type NodeKey, nodeNames } from './names.ts';
import type { K3dPart } from './parts.ts';
import type { K3dPlace } from './place.ts';
import type { ClusterShape } from './shape.ts';

/** Milliseconds. Images are pulled meanwhile. */
const PATIENCE = 900_000;

/** Makes the changes: what stands goes before a cluster is made anew; nodes are started, then others are added, then some go. */
export async function applyChanges(
  ctx: Writer,
  place: K3dPlace,
  changes: readonly ElementChange<K3dPart>[],
): Promise<void> {
  if (changes.length === 0) return;
  const machine = ctx.host(place.host);
  const { configuration, shape, stopped, added, removed, kubeconfig } = changesOf(changes);
  if (shape) {
    const there = await nodeContainers(machine, place.cluster);
    if (there.length > 0) await k3d(ctx, place, deleteCluster(place));
    if (shape.to) await create(ctx, place, shape.to, agentsAfter(there, added, removed));
  } else {
    // its exit code says whether CoreDNS was there, too: what counts is what is read back
    if (stopped.length > 0) await machine.run(startCluster(place), { codes: [1], timeout: PATIENCE });
    for (const key of added) await add(ctx, place, key);
    for (const key of removed) await remove(ctx, place, key);
    if (configuration === 'wanted') await configureAgain(ctx, place);
  }
  if (configuration === 'gone') await machine.run(['rm', '-rf', place.folder]);
  if (kubeconfig === 'gone') await machine.run(['rm', '-f', place.kubeconfig]);
  else if (kubeconfig === 'wanted' || shape?.to) await writeKubeconfig(ctx, place);
}

/** How many agents there will be: those that stay, and those that come. */
function agentsAfter(there: readonly NodeContainer[], added: readonly NodeKey[], removed: readonly NodeKey[]): number {
  const keys = new Set(there.flatMap(({ key, role }) => (key && role === 'agent' ? [key] : [])));
  for (const key of added) if (key.startsWith('agent')) keys.add(key);
  for (const key of removed) keys.delete(key);
  return keys.size;
}

async function create(ctx: Writer, place: K3dPlace, shape: ClusterShape, agents: number): Promise<void> {
  await configure(ctx, place, shape, agents);
  ctx.progress(`k3d makes ${shape.servers + agents} nodes of ${shape.image}`);
  await k3d(ctx, place, createCluster(place));
}

/** Writes what k3d is given: its configuration, and what it copies into the servers. */
async function configure(ctx: Writer, place: K3dPlace, shape: ClusterShape, agents: number): Promise<void> {
  const machine = ctx.host(place.host);
  const { cluster, folder, network, address } = place;
  const manifest = await manifestFor(ctx, place, shape);
  await machine.run(['mkdir', '-p', '-m', '0700', folder]);
  const images = await bringImages(ctx, place);
  const apiHost = address ? { apiHost: address } : {};
  const config = k3dConfig({ ...shape, cluster, agents, network, ...apiHost, ...(images ? { images } : {}) });
  await machine.write(`${folder}/${FILES.calico}`, manifest);
  await machine.write(`${folder}/${FILES.config}`, config, { mode: 0o600 });
}

/**
 * The images of a bundle: Docker has its own of them, for the nodes, and the nodes theirs, for pods. An archive does not tell whose it
 * is, so both get all. Nothing without a bundle: then they are pulled.
 */
async function bringImages(ctx: Writer, { host, folder }: K3dPlace): Promise<string | undefined> {
  const archives = await ctx.artifacts.images();
  if (archives.length === 0) return undefined;
  const machine = ctx.host(host);
  const images = `${folder}/images`;
  await machine.run(['mkdir', '-p', images]);
  for (const { name, path } of archives) {
    ctx.progress(`images of ${name}`);
    await machine.run(['cp', path, `${images}/${name}`], { timeout: PATIENCE });
    await machine.run(['docker', 'load', '--quiet', '--input', path], { timeout: PATIENCE });
  }
  return images;
}

/** The files of a cluster that stands, after somebody removed them. */
async function configureAgain(ctx: Writer, place: K3dPlace): Promise<void> {
  const there = await nodeContainers(ctx.host(place.host), place.cluster);
  const shape = shapeOf(there);
  if (shape) await configure(ctx, place, shape, agentsAfter(there, [], []));
}

/** A node that went without cpaas is still known to Kubernetes, by a name that will not come back. */
async function add(ctx: Writer, place: K3dPlace, key: NodeKey): Promise<void> {
  const machine = ctx.host(place.host);
  ctx.progress(`k3d adds ${key}`);
  for (const name of nodeNames(place.cluster, key)) await machine.run(forgetNode(place, name), { codes: [1] });
  await k3d(ctx, place, addNode(place, key));
}

/** Its pods go elsewhere first, as far as they can. k3d takes the container away, and leaves the Kubernetes node. */
async function remove(ctx: Writer, place: K3dPlace, key: NodeKey): Promise<void> {
  const machine = ctx.host(place.host);
  const containers = await nodeContainers(machine, place.cluster);
  for (const { name } of containers.filter((each) => each.key === key)) {
    ctx.progress(`${name} is drained`);
    await machine.run(drainNode(place, name), { codes: [1], timeout: PATIENCE });
    await k3d(ctx, place, removeNode(name));
    await machine.run(forgetNode(place, name), { codes: [1] });
  }
}

async function writeKubeconfig(ctx: Writer, { host, cluster, kubeconfig, address }: K3dPlace): Promise<void> {
  const machine = ctx.host(host);
  const shape = shapeOf(await nodeContainers(machine, cluster));
  const { stdout } = await machine.run(['k3d', 'kubeconfig', 'get', cluster]);
  await machine.write(kubeconfig, kubeconfigFor(stdout, shape?.tlsSans ?? [], address), { mode: 0o600 });
}

/** Runs k3d. It colours what it says, also into a pipe, and ends with 1 whatever went wrong. */
async function k3d(ctx: Writer, { host, cluster }: K3dPlace, argv: Argv): Promise<void> {
  const machine = ctx.host(host);
  const { code, stdout, stderr } = await machine.run(argv, { codes: [1], timeout: PATIENCE });
  if (code === 0) return;
  const said = stripVTControlCharacters(`${stdout}\n${stderr}`).split('\n');
  const errors = said
    .filter((line) => /^(ERRO|FATA)/.test(line))
    .map((line) => line.replace(/^\w+\[\d+\]\s*/, '').trim());
  throw new CpaasError('K3D.FAILED', `${machine.name}: k3d could not do its part of the cluster ${cluster}`, {
    evidence: [{ label: 'command', text: argv.join(' ') }, ...errors.slice(-4).map((text) => ({ label: 'k3d', text }))],
    next: [{ label: 'see what is there', command: `docker ps --all --filter label=k3d.cluster=${cluster}` }],
  });
}
