import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { applyNetwork } from '../kernel/network.ts';
import type { UnitFacts } from '../tmsh/show.ts';
import { listOf, type Objects, objectsOf } from '../tmsh/store.ts';
import type { Behaviour } from './behaviour.ts';
import type { UnitPaths } from './paths.ts';
import { bigipBaseConf, bigipConf, bigipUserConf } from './saved-files.ts';
import { readState, type Saved, UnitState, writeState } from './state.ts';
import { ZebosInstance } from './zebos-instance.ts';

/**
 * One BIG-IP: its objects, its routing processes, and both made real in the namespace it runs in. Changes are carried out one
 * after another; what it is running with is on disk after each.
 */
export class Unit {
  readonly paths: UnitPaths;
  readonly behaviour: Behaviour;
  readonly #log: (line: string) => void;
  readonly #zebos = new Map<number, ZebosInstance>();
  #state: UnitState;
  #work: Promise<unknown> = Promise.resolve();
  #disk: Promise<unknown> = Promise.resolve();

  private constructor(paths: UnitPaths, behaviour: Behaviour, state: UnitState, log: (line: string) => void) {
    this.paths = paths;
    this.behaviour = behaviour;
    this.#state = state;
    this.#log = log;
  }

  /** Takes up the unit as its state file has it, and makes the namespace so. */
  static async start(paths: UnitPaths, behaviour: Behaviour, log: (line: string) => void): Promise<Unit> {
    const state = await readState(paths.state, UnitState);
    if (state === undefined) throw new Error(`no unit in ${paths.folder}`);
    const unit = new Unit(paths, behaviour, state, log);
    await applyNetwork({}, state.objects);
    // A BGP that was enabled before its daemon was restarted is not new: no delay.
    await unit.#followProtocols(0);
    await unit.#writePrompt();
    return unit;
  }

  async stop(): Promise<void> {
    for (const zebos of this.#zebos.values()) await zebos.disable();
  }

  get facts(): UnitFacts {
    const since = this.#zebos.get(0)?.since;
    const seconds = since === undefined ? 0 : Math.floor((Date.now() - since) / 1000);
    return {
      hostname: this.#state.hostname,
      version: this.#state.version,
      serial: this.#state.serial,
      tmrouted: since === undefined ? undefined : { pid: process.pid, seconds },
      failover: this.#device()['failover-state'] === 'standby' ? 'STANDBY' : 'ACTIVE',
    };
  }

  objects(): Objects {
    return this.#state.objects;
  }

  /** The route domain's ZebOS; nothing while no routing protocol is enabled on it. */
  imi(routeDomain: number): ZebosInstance | undefined {
    const zebos = this.#zebos.get(routeDomain);
    return zebos?.enabled === true ? zebos : undefined;
  }

  /** Makes objects the running configuration, in the namespace as well. Rejects when the kernel refuses. */
  change(objects: Objects): Promise<void> {
    return this.#inTurn(async () => {
      await applyNetwork(this.#state.objects, objects);
      await this.#keep({ ...this.#state, objects });
      await this.#followProtocols(this.behaviour.daemonDelay);
      await this.#writePrompt();
    });
  }

  /** `save sys config`: the objects, not ZebOS. Returns the files, as the unit's users see them. */
  save(): Promise<readonly string[]> {
    return this.#inTurn(async () => {
      const { objects } = this.#state;
      await mkdir(dirname(this.paths.bigipConf), { recursive: true });
      await writeFile(this.paths.bigipConf, bigipConf(objects));
      await writeFile(this.paths.bigipBaseConf, bigipBaseConf(objects));
      await writeFile(this.paths.bigipUserConf, bigipUserConf(objects));
      await writeState(this.paths.saved, { objects } satisfies Saved);
      return ['/config/bigip.conf', '/config/bigip_base.conf', '/config/bigip_user.conf'];
    });
  }

  /** Starts and stops the routing processes as the route domains say. */
  async #followProtocols(delay: number): Promise<void> {
    for (const [id, domain] of Object.entries(objectsOf(this.#state.objects, 'net route-domain'))) {
      const wanted = listOf(domain['routing-protocol']).includes('BGP');
      const zebos = this.#zebos.get(Number(id)) ?? this.#instance(Number(id));
      await (wanted ? zebos.enable(delay) : zebos.disable());
    }
  }

  #instance(routeDomain: number): ZebosInstance {
    const key = String(routeDomain);
    const made = new ZebosInstance({
      hostname: this.#state.hostname,
      routeDomain,
      lines: this.#state.zebos[key] ?? [],
      frr: this.paths.frr(routeDomain),
      conf: this.paths.zebosConf(routeDomain),
      log: this.#log,
      changed: (lines) => this.#keep({ ...this.#state, zebos: { ...this.#state.zebos, [key]: [...lines] } }),
    });
    this.#zebos.set(routeDomain, made);
    return made;
  }

  /** In force at once; resolves when it is on disk, one write after another. */
  #keep(state: UnitState): Promise<void> {
    this.#state = state;
    const written = this.#disk.then(() => writeState(this.paths.state, this.#state));
    this.#disk = written.catch(() => {});
    return written;
  }

  #device() {
    return objectsOf(this.#state.objects, 'cm device')[this.#state.hostname] ?? {};
  }

  /** The part of bash's prompt that follows the unit's state: `Active:Standalone`. */
  async #writePrompt(): Promise<void> {
    const role = this.facts.failover === 'ACTIVE' ? 'Active' : 'Standby';
    const text = `${role}:Standalone`;
    if ((await readFile(this.paths.prompt, 'utf8').catch(() => '')) === text) return;
    await mkdir(dirname(this.paths.prompt), { recursive: true });
    await writeFile(this.paths.prompt, text);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => {});
    return done;
  }
}
