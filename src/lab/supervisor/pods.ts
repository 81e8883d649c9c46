import { CpaasError } from '../../core/errors.ts';
import type { LabLayout } from '../layout.ts';
import { setSysctls, survey } from '../machines/build.ts';
import { deleteLinks, dismantle } from '../machines/dismantle.ts';
import type { Sight } from '../machines/look.ts';
import { markLines, markOf, refuseForeign } from '../machines/mark.ts';
import { calicoPort } from '../machines/names.ts';
import { isPlugged, linkLine, nodeLines, nodeSysctls, podLines } from '../machines/pod-link.ts';
import { ipBatch, tryRun } from '../machines/run.ts';
import type { Children } from './children.ts';
import type { ChildSpec, Machines, PodPlug } from './parts.ts';
import type { MachineState } from './state.ts';

export interface PodsOptions {
  readonly lab: string;
  readonly layout: LabLayout;
  readonly children: Children;
  /** Pods that a supervisor before this one has plugged or was about to. */
  readonly known: readonly PodPlug[];
  /** Names of the nodes now. */
  readonly nodes: () => ReadonlySet<string>;
  /** Puts the pods on disk. */
  readonly save: () => Promise<void>;
}

/** The pods of a lab, each in a namespace, plugged into its node as Calico does it. What is asked at once is done at once. */
export class Pods implements Machines {
  readonly #options: PodsOptions;
  readonly #pods: Map<string, PodPlug>;
  readonly #made = new Set<string>();
  #asked = new Map<string, PodPlug | undefined>();
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(options: PodsOptions) {
    this.#options = options;
    this.#pods = new Map(options.known.map((plug) => [plug.pod, plug]));
  }

  pods(): readonly PodPlug[] {
    return this.#known().filter(({ pod }) => this.#made.has(pod));
  }

  /** Those that were begun and failed, too. */
  #known(): readonly PodPlug[] {
    return [...this.#pods.values()];
  }

  async plugPod(plug: PodPlug): Promise<void> {
    if (!this.#options.nodes().has(plug.node))
      throw new CpaasError('LAB.NODE', `${plug.pod} cannot be plugged into ${plug.node}: there is no such node`);
    await this.#ask(plug.pod, plug);
  }

  async unplugPod({ pod }: Pick<PodPlug, 'pod'>): Promise<void> {
    await this.#ask(pod, undefined);
  }

  /** Makes again whatever of the pods is missing, and takes away those whose node has gone. */
  async repair(): Promise<void> {
    const nodes = this.#options.nodes();
    await Promise.all(this.#known().map((plug) => this.#ask(plug.pod, nodes.has(plug.node) ? plug : undefined)));
  }

  /** Takes away the pods of some nodes. */
  async unplugFrom(leaving: (node: string) => boolean): Promise<void> {
    const pods = this.#known().filter(({ node }) => leaving(node));
    await Promise.all(pods.map((pod) => this.unplugPod(pod)));
  }

  /** For `lab.json`. */
  states(): readonly MachineState[] {
    const { layout, children } = this.#options;
    return this.#known().map(({ pod, node, address }) => {
      const namespace = layout.namespace(pod);
      const made = this.#made.has(pod);
      return {
        kind: 'pod',
        name: pod,
        unit: pod,
        namespace,
        address,
        node,
        made,
        running: made && children.running(namespace),
      };
    });
  }

  /** The last word on a pod before the next batch counts. */
  #ask(pod: string, plug: PodPlug | undefined): Promise<void> {
    this.#asked.set(pod, plug);
    this.#next ??= this.#last.then(() => {
      const asked = this.#asked;
      this.#asked = new Map();
      this.#next = undefined;
      return this.#carryOut(asked);
    });
    this.#last = this.#next.catch(() => {});
    return this.#next;
  }

  async #carryOut(asked: ReadonlyMap<string, PodPlug | undefined>): Promise<void> {
    const { lab, layout, save } = this.#options;
    const plugs = [...asked.values()].flatMap((plug) => plug ?? []);
    const names = [...asked.keys()].map((pod) => layout.namespace(pod));
    const nodes = [...asked.keys()].flatMap((pod) =>
      [asked.get(pod)?.node ?? [], this.#pods.get(pod)?.node ?? []].flat(),
    );
    const sights = await survey([...names, ...new Set(nodes.map((node) => layout.namespace(node)))]);
    const pods = new Map([...sights].filter(([name]) => names.includes(name)));
    refuseForeign(lab, pods, new Set(this.#known().map(({ pod }) => layout.namespace(pod))));

    const right = plugs.filter((plug) => this.#isRight(plug, sights));
    const gone = [...asked.keys()].filter((pod) => !right.some((plug) => plug.pod === pod));
    await this.#remove(gone, sights);
    const fresh = plugs.filter(({ pod }) => gone.includes(pod));
    for (const plug of plugs) this.#pods.set(plug.pod, plug);
    if (gone.length > 0) await save();
    await this.#make(fresh);
    await Promise.all(plugs.map((plug) => this.#options.children.keep(layout.namespace(plug.pod), [this.#echo(plug)])));
    for (const { pod } of plugs) this.#made.add(pod);
    await save();
  }

  #isRight(plug: PodPlug, sights: ReadonlyMap<string, Sight>): boolean {
    const { lab, layout } = this.#options;
    const [pod, node] = [sights.get(layout.namespace(plug.pod)), sights.get(layout.namespace(plug.node))];
    return pod?.mark === markOf(lab) && node !== undefined && isPlugged(plug, pod, node);
  }

  async #remove(pods: readonly string[], sights: ReadonlyMap<string, Sight>): Promise<void> {
    const { layout, children } = this.#options;
    await Promise.all(pods.map((pod) => children.end(layout.namespace(pod))));
    const ports = pods.flatMap((pod) => {
      const device = calicoPort(pod);
      return [...sights].flatMap(([namespace, { links }]) => (links.has(device) ? [{ namespace, device }] : []));
    });
    await byNamespace(ports, (namespace, own) =>
      deleteLinks(
        namespace,
        own.map(({ device }) => device),
      ),
    );
    await dismantle(pods.map((pod) => layout.namespace(pod)));
    for (const pod of pods) {
      this.#pods.delete(pod);
      this.#made.delete(pod);
    }
  }

  async #make(plugs: readonly PodPlug[]): Promise<void> {
    const { lab, layout } = this.#options;
    const own = (plug: PodPlug) => layout.namespace(plug.pod);
    await ipBatch(
      undefined,
      plugs.map((plug) => `netns add ${own(plug)}`),
    );
    const placed = plugs.map((plug) => ({ ...plug, namespace: layout.namespace(plug.node) }));
    await byNamespace(placed, async (node, pods) => {
      await ipBatch(
        node,
        pods.map((plug) => linkLine(plug, own(plug))),
      );
      await setSysctls(node, Object.assign({}, ...pods.map(nodeSysctls)));
      await ipBatch(node, pods.flatMap(nodeLines));
    });
    await Promise.all(plugs.map((plug) => ipBatch(own(plug), [...markLines(lab), ...podLines(plug)])));
  }

  /** What a pod answers with: TCP port 8080 says everything again. */
  #echo({ pod }: PodPlug): ChildSpec {
    const namespace = this.#options.layout.namespace(pod);
    const argv = ['socat', 'TCP-LISTEN:8080,fork,reuseaddr', 'PIPE'];
    // Looked at, not tried: a connection would be the first thing the server sees.
    const look = ['ip', 'netns', 'exec', namespace, 'ss', '-Hltn', 'sport = :8080'];
    const readyWhen = async () => ((await tryRun(look)).stdout ? undefined : 'nobody listens on port 8080');
    return { id: `${pod}/echo`, namespace, argv, restart: true, readyWhen };
  }
}

async function byNamespace<T extends { readonly namespace: string }>(
  items: readonly T[],
  act: (namespace: string, own: readonly T[]) => Promise<void>,
): Promise<void> {
  const names = [...new Set(items.map(({ namespace }) => namespace))];
  await Promise.all(
    names.map((name) =>
      act(
        name,
        items.filter(({ namespace }) => namespace === name),
      ),
    ),
  );
}
