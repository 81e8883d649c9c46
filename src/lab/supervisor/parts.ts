import type { LabLayout } from '../layout.ts';
import type { LabRouter, LabSpec } from '../spec.ts';

/**
 * What the supervisor and the parts it runs know of each other. The parts are handed to `supervise` as values (`main.ts` puts the
 * real ones together): `src/lab/kube/part.ts` exports `kube: KubePart`, `src/lab/bigip/part.ts` exports `bigip: BigipPart`.
 *
 * Everything here runs in the supervisor's process: in the network namespace and the mounts of the machine, in a PID namespace of
 * the lab's own. Whatever it starts dies with it.
 */
export interface Parts {
  readonly kube: KubePart;
  readonly bigip: BigipPart;
}

/** A long-lived process of the lab. Two of equal data are the same process: an `apply` restarts a child only when its data changed. */
export interface ChildSpec {
  /** Unique in the lab: `api`, `bigip1/bgpd`. Stands before its lines in the supervisor's log. */
  readonly id: string;
  /** Network namespace it runs in; the machine's own when left out. */
  readonly namespace?: string;
  /** The program and its words. It must stay in the foreground; its output goes to the supervisor's log. */
  readonly argv: readonly string[];
  /** Added to the supervisor's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** `/` when left out. */
  readonly cwd?: string;
  /** Whether it is started again, with a growing pause, when it ends. Otherwise its end before it was ready is a failure of `apply`. */
  readonly restart: boolean;
  /** Asked every 50 ms until it answers nothing; until then, in words, what is missing. Ready at once when left out. Must not reject. */
  readonly readyWhen?: () => Promise<string | undefined>;
}

/** A pod as the kubelet of its node asks for it. Its namespace is `layout.namespace(pod)`. */
export interface PodPlug {
  readonly node: string;
  /** Name of the pod's machine, unique in the lab: a DNS label that no node and no router has. */
  readonly pod: string;
  /** IPv4 address, without a prefix length. */
  readonly address: string;
}

/** What the controllers can do to the machines. Every call may be repeated, and calls made at once are carried out in one batch. */
export interface Machines {
  /**
   * Gives a pod its namespace, its address, the link to its node and a TCP echo server on port 8080; resolves when the server
   * listens. A pod that was plugged differently is plugged anew. Rejects with `LAB.NODE` when there is no such node.
   */
  plugPod(pod: PodPlug): Promise<void>;
  /** Takes all of it away. Nothing to do when it is not there. */
  unplugPod(pod: Pick<PodPlug, 'pod'>): Promise<void>;
  /** Pods that are plugged now, those of a supervisor that died included: unplug what nobody wants any more. */
  pods(): readonly PodPlug[];
}

/** Writes one line to the supervisor's log. */
export type Log = (line: string) => void;

/** A running controller manager: nodes, addresses, pods, BIRD configurations. */
export interface Controllers {
  /** The spec has changed: nodes came or went. Resolves when it is understood, not when all is done: that is `ready`. */
  update(spec: LabSpec): Promise<void>;
  /** Resolves when the API shows every node Ready and every wanted pod Running. Rejects with `LAB.FAILED` when that takes too long. */
  ready(): Promise<void>;
  /** Lets go of watches and timers. */
  stop(): void;
}

export interface KubePart {
  /**
   * The API server, which listens on TLS port 6443 of its namespace (the VM's, or the first node's when flat) and on
   * `layout.apiSocket`. May first write the files it needs.
   */
  apiServerProcess(spec: LabSpec, layout: LabLayout): ChildSpec | Promise<ChildSpec>;
  /**
   * Called once in the life of a supervisor, when the API server is ready and each node's BIRD runs with an empty configuration
   * (or with what stood in `layout.node(n).birdConf` before): overwrite that file and say `configure` on `layout.node(n).birdSocket`.
   * A BIRD that ended is started again with the file as it is then.
   */
  startControllers(options: {
    readonly spec: LabSpec;
    readonly layout: LabLayout;
    readonly machines: Machines;
    readonly log: Log;
    readonly signal: AbortSignal;
  }): Promise<Controllers>;
}

/**
 * `router.name` is the name the unit was made under: it stays when the file renames the router, so namespaces and folders do too.
 * Its namespace, `layout.namespace(router.name)`, has an interface `internal` on the LAN. The self-IP stands there from the start
 * unless `switches.selfIp` is `missing`; from then on it is the unit's own and no `apply` touches it. When the router leaves the
 * spec, its processes are ended and `layout.unit(router.name)` is removed.
 */
export interface BigipPart {
  /** zebra, bgpd, the unit's daemon, sshd. Called at every `apply`; may first write the files they need, below `layout.unit`. */
  unitProcesses(
    spec: LabSpec,
    router: LabRouter,
    layout: LabLayout,
  ): readonly ChildSpec[] | Promise<readonly ChildSpec[]>;
  /** What is still missing, in words, when its processes are up; nothing when it can be logged in to. Asked every 50 ms. */
  unitReady(spec: LabSpec, router: LabRouter, layout: LabLayout): Promise<string | undefined>;
}
