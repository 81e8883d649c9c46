import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import pLimit from 'p-limit';
import type { Client } from '../../kube/client.ts';
import { at, type KubeObject } from '../../kube/objects/object.ts';
import type { LabLayout } from '../../layout.ts';
import type { Log } from '../../supervisor/parts.ts';
import { birdCommand } from '../bird/control.ts';
import type { BirdInput } from '../bird/model.ts';
import { peersOf } from '../bird/peers.ts';
import { type ReadSecret, readAffinity, readFilter, readNode, readPeer, readPool, readSettings } from '../bird/read.ts';
import { renderBird } from '../bird/render.ts';
import { readable } from './secret-rights.ts';

const CALICO = '/apis/crd.projectcalico.org/v1';
const NAMESPACE = 'namespaces/kube-system';
const RBAC = `/apis/rbac.authorization.k8s.io/v1/${NAMESPACE}`;

/** Kinds that decide what BIRD is told. */
export const ROUTING_PATHS: readonly string[] = [
  '/api/v1/nodes',
  `/api/v1/${NAMESPACE}/secrets`,
  `${RBAC}/roles`,
  `${RBAC}/rolebindings`,
  ...['bgpconfigurations', 'bgppeers', 'bgpfilters', 'ippools', 'blockaffinities'].map(
    (plural) => `${CALICO}/${plural}`,
  ),
];

/** How many BIRDs are spoken to at once. */
const AT_ONCE = 16;

/** calico-node's other half: keeps the BIRD of every node at what the API says. */
export function createRouting(client: Client, layout: LabLayout, log: Log) {
  const told = new Map<string, string>();
  const limit = pLimit(AT_ONCE);

  async function tell(node: string, config: string): Promise<void> {
    const { birdConf, birdSocket } = layout.node(node);
    await mkdir(dirname(birdConf), { recursive: true });
    await writeFile(`${birdConf}.new`, config);
    await rename(`${birdConf}.new`, birdConf);
    const { code, lines } = await birdCommand(birdSocket, 'configure');
    if (code >= 8000) log(`${node}/bird: ${lines.join(' ')}`);
    told.set(node, config);
  }

  /** One pass over all nodes; only a BIRD whose configuration is another one now is told. */
  return async function reconcileRouting(): Promise<void> {
    const inputs = await readInputs(client);
    const names = new Set(inputs.map(({ node }) => node.name));
    for (const name of told.keys()) if (!names.has(name)) told.delete(name);
    const stale = inputs
      .map((input) => ({ node: input.node.name, config: renderBird(input) }))
      .filter(({ node, config }) => told.get(node) !== config);
    const results = await Promise.allSettled(stale.map(({ node, config }) => limit(() => tell(node, config))));
    const failed = results.flatMap((result, i) => (result.status === 'rejected' ? [stale[i]?.node] : []));
    if (failed.length > 0) throw new Error(`BIRD does not answer on ${failed.join(', ')}`);
  };
}

async function readInputs(client: Client): Promise<readonly BirdInput[]> {
  const [
    nodeObjects,
    secrets,
    roles,
    bindings,
    configurations,
    peerObjects,
    filterObjects,
    poolObjects,
    affinityObjects,
  ] = await Promise.all(ROUTING_PATHS.map(async (path) => (await client.list(path)).items));
  const nodes = read(nodeObjects, readNode);
  const secret = secretReader((secrets ?? []).filter(readable(roles ?? [], bindings ?? [])));
  const peers = read(peerObjects, (object) => readPeer(object, secret));
  const filters = read(filterObjects, readFilter);
  const pools = read(poolObjects, readPool);
  const affinities = read(affinityObjects, readAffinity);
  return nodes.map((node) => {
    const settings = readSettings(configurations ?? [], node.name, secret);
    const blocks = affinities.filter(({ node: owner }) => owner === node.name).map(({ cidr }) => cidr);
    return { node, nodes, settings, peers: peersOf(node, peers, nodes, settings), filters, pools, blocks };
  });
}

const read = <T>(
  objects: readonly KubeObject[] | undefined,
  reader: (object: KubeObject) => T | undefined,
): readonly T[] => (objects ?? []).flatMap((object) => reader(object) ?? []);

function secretReader(secrets: readonly KubeObject[]): ReadSecret {
  return (name, key) => {
    const value = at(
      secrets.find(({ metadata }) => metadata.name === name),
      'data',
      key,
    );
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString() : undefined;
  };
}
