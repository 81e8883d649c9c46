import { rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { type LabLayout, labLayout } from '../layout.ts';
import { build, survey } from '../machines/build.ts';
import { dismantle, outdated } from '../machines/dismantle.ts';
import type { Sight } from '../machines/look.ts';
import { refuseForeign } from '../machines/mark.ts';
import { type Machine, type Topology, topology } from '../machines/topology.ts';
import { keysIn } from '../part-keys.ts';
import { ground, type LabSpec } from '../spec.ts';
import { Children } from './children.ts';
import { endLeftovers } from './leftovers.ts';
import type { Controllers, Log, Parts } from './parts.ts';
import { Pods } from './pods.ts';
import { processes } from './processes.ts';
import { type LabState, type MachineState, StateFile } from './state.ts';
import { withUnitNames } from './units.ts';
import { waitFor } from './wait.ts';

export type Progress = (text: string) => void;

/** A lab that is kept as its spec says, as long as the supervisor lives. */
export class Lab {
  readonly #layout: LabLayout;
  readonly #parts: Parts;
  readonly #log: Log;
  readonly #file: StateFile;
  readonly #children: Children;
  readonly #pods: Pods;
  #machines: readonly MachineState[];
  #controllers: { readonly running: Controllers; readonly abort: AbortController } | undefined;

  constructor(state: LabState, parts: Parts, log: Log) {
    this.#layout = labLayout(state.name);
    this.#parts = parts;
    this.#log = log;
    this.#file = new StateFile(state);
    this.#machines = state.machines.filter(({ kind }) => kind !== 'pod');
    this.#children = new Children(log, () => this.#noteProcesses());
    this.#pods = new Pods({
      lab: state.name,
      layout: this.#layout,
      children: this.#children,
      known: state.machines.flatMap(({ kind, name, node, address }) =>
        kind === 'pod' && node && address ? [{ pod: name, node, address }] : [],
      ),
      nodes: () => new Set(this.#file.get().spec?.nodes.map(({ name }) => name)),
      save: () => this.save(),
    });
  }

  /** Makes the lab what the spec says, marks parts, and answers when all of it is up. What is so already stays as it is. */
  async apply(asked: LabSpec, marks: readonly string[], progress: Progress): Promise<LabState> {
    await this.#clearAnother(asked, progress);
    const spec = withUnitNames(asked, this.#machines);
    const wanted = topology(spec);
    const before = this.#before();
    const sights = await this.#survey(wanted);
    const gone = outdated(before, wanted);
    await this.#takeAway(gone, before, spec, progress);
    await this.#intend(asked, marks, wanted);
    await this.#make(wanted, before, gone.length > 0 ? await this.#survey(wanted) : sights, progress);
    await this.#startProcesses(spec, progress);
    await this.#pods.repair();
    await this.#control(spec, progress);
    for (const router of spec.routers)
      await waitFor(router.name, () => this.#parts.bigip.unitReady(spec, router, this.#layout));
    await this.save({ ready: true });
    return this.#file.get();
  }

  /** A spec that differs in what no running cluster can change is another lab: this one goes first. */
  async #clearAnother(asked: LabSpec, progress: Progress): Promise<void> {
    const { spec } = this.#file.get();
    if (!spec || isDeepStrictEqual(ground(spec), ground(asked))) return;
    progress('taking down what stands: the new spec is another cluster');
    this.#controllers?.abort.abort();
    this.#controllers?.running.stop();
    this.#controllers = undefined;
    await this.#pods.unplugFrom(() => true);
    const { machines, cables } = this.#before();
    await this.#remove(machines, cables);
    this.#machines = [];
    await this.save({ ready: false, marks: [] });
  }

  /** The topology in force, finished or not. */
  #before(): Topology {
    const { spec } = this.#file.get();
    return spec && this.#machines.length > 0
      ? topology(withUnitNames(spec, this.#machines))
      : { machines: [], cables: [] };
  }

  /** What there is already of a topology, none of which may be somebody else's. */
  async #survey({ machines }: Topology): Promise<ReadonlyMap<string, Sight>> {
    const sights = await survey(machines.map(({ namespace }) => namespace));
    refuseForeign(this.#file.get().name, sights, new Set(this.#machines.map(({ namespace }) => namespace)));
    return sights;
  }

  async #takeAway(gone: readonly Machine[], before: Topology, spec: LabSpec, progress: Progress): Promise<void> {
    if (gone.length === 0) return;
    progress(`taking away ${gone.map(({ name }) => name).join(', ')}`);
    const leaving = new Set(gone.map(({ name }) => name));
    const standing = before.machines.filter(({ name }) => !leaving.has(name)).map(({ name }) => name);
    const staying = spec.nodes.filter(({ name }) => standing.includes(name));
    // The controllers hear of new nodes when these stand.
    if (staying.length > 0) await this.#controllers?.running.update({ ...spec, nodes: staying });
    await this.#pods.unplugFrom((node) => leaving.has(node));
    await this.#remove(gone, before.cables);
  }

  async #remove(machines: readonly Machine[], cables: Topology['cables']): Promise<void> {
    const names = machines.map(({ namespace }) => namespace);
    await Promise.all(names.map((name) => this.#children.end(name)));
    await Promise.all(names.map(endLeftovers));
    await dismantle(names, cables);
    const folders = machines.map(({ kind, name }) =>
      kind === 'router' ? this.#layout.unit(name) : this.#layout.node(name).root,
    );
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }

  /** Writes down what is going to be there, before it is. */
  async #intend(asked: LabSpec, marks: readonly string[], wanted: Topology): Promise<void> {
    const old = new Map(this.#machines.map((machine) => [machine.namespace, machine]));
    const names = new Map(asked.routers.map(({ address, name }) => [address, name]));
    this.#machines = wanted.machines.map(({ kind, name, namespace, address }) => ({
      kind,
      name: (kind === 'router' && address && names.get(address)) || name,
      unit: name,
      namespace,
      ...(address ? { address } : {}),
      made: old.get(namespace)?.made ?? false,
      running: false,
    }));
    await this.save({ spec: asked, marks: keysIn(asked, [...this.#file.get().marks, ...marks]), ready: false });
  }

  async #make(
    wanted: Topology,
    before: Topology,
    sights: ReadonlyMap<string, Sight>,
    progress: Progress,
  ): Promise<void> {
    const { name } = this.#file.get();
    // Processes of a namespace that somebody has deleted go on in it, unseen.
    const absent = wanted.machines.filter(({ namespace }) => !sights.has(namespace));
    await Promise.all(absent.map(({ namespace }) => this.#children.end(namespace)));
    const finished = new Set(this.#machines.filter(({ made }) => made).map(({ namespace }) => namespace));
    const touched = await build({
      lab: name,
      wanted,
      before: new Map(
        before.machines.flatMap((machine) => (finished.has(machine.namespace) ? [[machine.namespace, machine]] : [])),
      ),
      sights,
    });
    if (touched > 0) progress(`made or mended ${touched} of ${wanted.machines.length} machines`);
    this.#machines = this.#machines.map((machine) => ({ ...machine, made: true }));
    await this.save();
  }

  async #startProcesses(spec: LabSpec, progress: Progress): Promise<void> {
    progress('starting BIRD, the API server and the units');
    const wanted = await processes(spec, this.#layout, this.#parts);
    await Promise.all(
      this.#machines.map(({ namespace }) => this.#children.keep(namespace, wanted.get(namespace) ?? [])),
    );
  }

  async #control(spec: LabSpec, progress: Progress): Promise<void> {
    progress('registering nodes, plugging pods');
    if (this.#controllers) await this.#controllers.running.update(spec);
    else {
      const abort = new AbortController();
      const { signal } = abort;
      const options = { spec, layout: this.#layout, machines: this.#pods, log: this.#log, signal };
      this.#controllers = { running: await this.#parts.kube.startControllers(options), abort };
    }
    await this.#controllers.running.ready();
  }

  /** A process came or went. */
  #noteProcesses(): void {
    if (this.#file.get().ready) this.save().catch((error: unknown) => this.#log(`lab.json: ${String(error)}`));
  }

  /** Puts what is known of the lab, and of its processes now, on disk. */
  async save(change: Partial<LabState> = {}): Promise<void> {
    const own = this.#machines.map((machine) => ({
      ...machine,
      running: machine.made && this.#children.running(machine.namespace),
    }));
    await this.#file.change({ ...change, machines: [...own, ...this.#pods.states()] });
  }
}
