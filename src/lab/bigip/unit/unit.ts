import { applyNetwork } from '../kernel/network.ts';
import { isLicensed, tmosRouting } from '../tmsh/refusals.ts';
import type { UnitFacts } from '../tmsh/show.ts';
import { listOf, type Objects, objectsOf, type Properties } from '../tmsh/store.ts';
import type { Behaviour } from './behaviour.ts';
import { failoverOf, tellOthers, withFailover } from './failover.ts';
import type { UnitPaths } from './paths.ts';
import { endProcesses } from './processes.ts';
import { writePrompt } from './prompt.ts';
import { savedLines, saveObjects } from './saved-files.ts';
import { readState, Saved, UnitState, writeState } from './state.ts';
import { generatedLines } from './tmos-routing.ts';
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
  #booting = false;
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
    await writePrompt(paths.prompt, unit.facts);
    return unit;
  }

  async stop(): Promise<void> {
    for (const zebos of this.#zebos.values()) await zebos.disable();
  }

  get facts(): UnitFacts {
    const since = [...this.#zebos.values()].find((zebos) => zebos.since !== undefined)?.since;
    const seconds = since === undefined ? 0 : Math.floor((Date.now() - since) / 1000);
    return {
      hostname: this.#state.hostname,
      product: this.#state.product,
      version: this.#state.version,
      serial: this.#state.serial,
      licensed: isLicensed(this.#state.objects),
      tmrouted: since === undefined ? undefined : { pid: process.pid, seconds },
      failover: failoverOf(this.#state.objects, this.#state.hostname),
      sync: this.behaviour.ha === 'standalone' ? 'Standalone' : this.behaviour.sync,
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
    return this.#inTurn(() => this.#become({ ...this.#state, objects }));
  }

  /** `save sys config`: the objects, not ZebOS. Returns the files, as the unit's users see them. */
  save(): Promise<readonly string[]> {
    return this.#inTurn(async () => {
      // [unverified] text
      if (this.behaviour.fullDisk) throw new Error('Error writing /config/bigip.conf: No space left on device');
      return saveObjects(this.paths, this.#state.objects);
    });
  }

  /** `run sys failover`: the active unit of a pair hands over, or one is taken out and comes back as standby. */
  async failover(to: 'standby' | 'offline' | 'online'): Promise<void> {
    const { failover } = this.facts;
    if (to === 'online' && failover !== 'FORCED OFFLINE') return;
    await this.#takeRole(to === 'offline' ? 'forced-offline' : 'standby');
    if (failover === 'ACTIVE' && this.facts.failover !== 'ACTIVE') await tellOthers(this.paths, 'takeover');
  }

  /** The active unit of the pair has handed over to this one, unless it is out. */
  async takeOver(): Promise<void> {
    if (this.facts.failover === 'STANDBY') await this.#takeRole('active');
  }

  #takeRole(state: 'active' | 'standby' | 'forced-offline'): Promise<void> {
    return this.change(withFailover(this.#state.objects, this.#state.hostname, state));
  }

  /** What a restart of the machine does: what was saved comes back, ZebOS.conf and the objects, and nothing else. */
  reboot(): Promise<void> {
    return this.#inTurn(async () => {
      this.#booting = true;
      try {
        await endProcesses(this.paths.sshdPid);
        await this.stop();
        this.#zebos.clear();
        const { objects } = (await readState(this.paths.saved, Saved)) ?? this.#state;
        const zebos: Record<string, string[]> = {};
        for (const id of routeDomainsOf(objects).keys()) zebos[id] = await savedLines(this.paths.zebosConf(id));
        await this.#become({ ...this.#state, objects, zebos });
      } finally {
        this.#booting = false;
      }
    });
  }

  /** Between its end and the moment when everything that was saved is there again nobody is answered. */
  get booting(): boolean {
    return this.#booting;
  }

  async #become(state: UnitState): Promise<void> {
    await applyNetwork(this.#state.objects, state.objects);
    await this.#keep(state);
    await this.#followProtocols(this.behaviour.daemonDelay);
    await writePrompt(this.paths.prompt, this.facts);
  }

  /** Starts and stops the routing processes as the route domains say. */
  async #followProtocols(delay: number): Promise<void> {
    const { objects } = this.#state;
    const domains = routeDomainsOf(objects);
    for (const [id, zebos] of this.#zebos) if (!domains.has(id)) await this.#end(id, zebos);
    for (const [id, domain] of domains) {
      const generated = tmosRouting(objects) ? generatedLines(objects, id) : [];
      const zebos = this.#zebos.get(id) ?? this.#instance(id, domain);
      // What somebody entered in imish is gone with the next change by tmsh.
      if (generated.length > 0) await zebos.replace(generated);
      const wanted = generated.length > 0 || listOf(domain['routing-protocol']).includes('BGP');
      await (wanted ? zebos.enable(delay) : zebos.disable());
    }
  }

  /** A route domain that is gone takes its configuration along. */
  async #end(routeDomain: number, zebos: ZebosInstance): Promise<void> {
    await zebos.disable();
    this.#zebos.delete(routeDomain);
    const { [routeDomain]: _gone, ...others } = this.#state.zebos;
    await this.#keep({ ...this.#state, zebos: others });
  }

  #instance(routeDomain: number, domain: Properties): ZebosInstance {
    const key = String(routeDomain);
    const vlans = Object.keys(objectsOf(this.#state.objects, 'net vlan'));
    const made = new ZebosInstance({
      hostname: this.#state.hostname,
      routeDomain,
      behaviour: this.behaviour,
      isolated: !listOf(domain['vlans']).some((vlan) => vlans.includes(vlan)),
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

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => {});
    return done;
  }
}

/** By id, which need not be its name. */
export function routeDomainsOf(objects: Objects): ReadonlyMap<number, Properties> {
  const all = Object.entries(objectsOf(objects, 'net route-domain'));
  return new Map(all.map(([name, domain]) => [Number(domain['id'] ?? name), domain]));
}
