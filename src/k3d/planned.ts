import type { Command, ElementChange } from '../core/step.ts';
import { addNode, createCluster, deleteCluster, drainNode, forgetNode, removeNode, startCluster } from './argv.ts';
import { changesOf } from './changes.ts';
import { FILES, k3dConfig } from './config.ts';
import { nodeNames } from './names.ts';
import type { K3dPart } from './parts.ts';
import type { K3dPlace } from './place.ts';
import type { ClusterShape } from './shape.ts';

/** What the work will send, with the files it writes. */
export function plannedCommands(place: K3dPlace, changes: readonly ElementChange<K3dPart>[]): readonly Command[] {
  const { configuration, shape, stopped, added, removed, kubeconfig } = changesOf(changes);
  const isThere = changes.some(({ key, from }) => key === 'cluster' && from !== undefined);
  return [
    ...(shape && isThere ? [{ argv: deleteCluster(place) }] : []),
    ...(shape?.to ? creation(place, shape.to, added.filter((key) => key.startsWith('agent')).length) : []),
    ...(shape ? [] : inPlace(place, { stopped, added, removed })),
    ...(configuration === 'gone' ? [{ argv: ['rm', '-rf', place.folder] }] : []),
    ...(kubeconfig === 'gone' ? [{ argv: ['rm', '-f', place.kubeconfig] }] : []),
    ...(kubeconfig === 'wanted' || shape?.to ? way(place) : []),
  ];
}

/** Where a file is written, `tee` stands for that. */
function creation(place: K3dPlace, shape: ClusterShape, agents: number): readonly Command[] {
  const { cluster, folder, network, address } = place;
  const config = k3dConfig({ ...shape, cluster, agents, network, ...(address ? { apiHost: address } : {}) });
  return [
    { argv: ['mkdir', '-p', '-m', '0700', folder] },
    {
      argv: ['tee', `${folder}/${FILES.calico}`],
      stdin: `<the manifest of Calico ${shape.calico?.version}, with these settings>\n`,
    },
    { argv: ['tee', `${folder}/${FILES.config}`], stdin: config },
    { argv: createCluster(place) },
  ];
}

function inPlace(
  place: K3dPlace,
  { stopped, added, removed }: Pick<ReturnType<typeof changesOf>, 'stopped' | 'added' | 'removed'>,
): readonly Command[] {
  return [
    ...(stopped.length > 0 ? [{ argv: startCluster(place) }] : []),
    ...added.flatMap((key) => [
      ...nodeNames(place.cluster, key).map((name) => ({ argv: forgetNode(place, name) })),
      { argv: addNode(place, key) },
    ]),
    ...removed.flatMap((key) => {
      const [name] = nodeNames(place.cluster, key);
      return [drainNode(place, name), removeNode(name), forgetNode(place, name)].map((argv) => ({ argv }));
    }),
  ];
}

const way = ({ cluster, kubeconfig }: K3dPlace): readonly Command[] => [
  { argv: ['k3d', 'kubeconfig', 'get', cluster] },
  { argv: ['tee', kubeconfig], stdin: `<what k3d printed, with an address that its certificate has>\n` },
];
