import { join } from 'node:path';
import { clusterName } from '../core/cluster-name.ts';

/** Parent of the folders of all labs. Short, since the path of a socket ends at 108 bytes. */
export const LABS = '/run/cpaas';

/**
 * Where one lab keeps its things: the namespaces named here and this folder are its only trace on the machine. Rejects with
 * `USAGE.NAME` a name that could lead anywhere else.
 */
export function labLayout(lab: string) {
  const root = join(LABS, clusterName(lab));
  return {
    root,
    /** The `LabSpec` in force and what the supervisor made of it, written whole after every change: `LabState`. */
    state: join(root, 'lab.json'),
    /** Control socket of the supervisor. */
    control: join(root, 'control.sock'),
    /** Held with flock(1) by the supervisor as long as it lives. */
    lock: join(root, 'lock'),
    supervisorLog: join(root, 'supervisor.log'),
    /** Programs that hosts of the lab have on their PATH: calicoctl. */
    bin: join(root, 'bin'),
    kubeconfig: join(root, 'kubeconfig'),
    /** Plain HTTP on a socket, without authentication: the API server as the lab's own controllers see it. */
    apiSocket: join(root, 'api.sock'),
    /** Host keys of the units, for `HostSpec.reach.knownHosts`; the name in it is `[<router address>]` as ssh writes it. */
    knownHosts: join(root, 'known_hosts'),
    /** Private key that root of every unit accepts. */
    identity: join(root, 'id_ed25519'),
    vm: `${lab}-vm`,
    /** Namespace of the switch that is the LAN. */
    lan: `${lab}-lan`,
    /** Namespace of a node, a router, or a pod. */
    namespace: (machine: string) => `${lab}-${machine}`,
    node: (node: string) => ({
      root: join(root, 'n', node),
      birdConf: join(root, 'n', node, 'bird.cfg'),
      birdSocket: join(root, 'n', node, 'bird.ctl'),
    }),
    unit: (router: string) => join(root, 'r', router),
  };
}
export type LabLayout = ReturnType<typeof labLayout>;
