import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Engine } from '../frr/engine.ts';
import type { Context, ZebosConfig } from '../zebos/config.ts';
import type { Edited } from '../zebos/edited.ts';
import { edit, load } from '../zebos/editing.ts';
import type { ExecCommand } from '../zebos/exec-forms.ts';
import { frrConfig } from '../zebos/frr-lines.ts';
import { asnObjection, remark } from '../zebos/objections.ts';
import { respelled, shown } from '../zebos/printing.ts';
import { runningConfig, runningRouter, savedConfig } from '../zebos/running-config.ts';
import type { Imi } from '../zebos/session.ts';
import { renderNeighbors } from '../zebos/show/neighbors.ts';
import { renderRoutes } from '../zebos/show/routes.ts';
import { renderSummary } from '../zebos/show/summary.ts';
import { renderTable } from '../zebos/show/table.ts';
import type { Behaviour } from './behaviour.ts';

/** The routing processes of one route domain: a configuration, and FRR behind it while BGP is enabled. */
export class ZebosInstance implements Imi {
  readonly hostname: string;
  readonly routeDomain: number;
  readonly #engine: Engine;
  readonly #behaviour: Behaviour;
  readonly #conf: string;
  readonly #changed: (lines: readonly string[]) => Promise<void>;
  #config: ZebosConfig;
  #enabled = false;
  #work: Promise<unknown> = Promise.resolve();
  #readyAt = 0;
  #reads = 0;

  constructor(options: {
    readonly hostname: string;
    readonly routeDomain: number;
    readonly behaviour: Behaviour;
    /** Without a VLAN in its route domain it reaches nobody. */
    readonly isolated: boolean;
    readonly lines: readonly string[];
    /** Folder of the sockets of zebra and bgpd. */
    readonly frr: string;
    readonly conf: string;
    readonly log: (line: string) => void;
    /** Keeps the running configuration: called with the lines that make it again. */
    readonly changed: (lines: readonly string[]) => Promise<void>;
  }) {
    this.hostname = options.hostname;
    this.routeDomain = options.routeDomain;
    this.#behaviour = options.behaviour;
    this.#engine = new Engine(options.frr, options.isolated, options.log);
    this.#conf = options.conf;
    this.#changed = options.changed;
    this.#config = load(options.lines);
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  /** When BGP was enabled and its daemons had started, in milliseconds since 1970; nothing while they do not run. */
  get since(): number | undefined {
    return this.ready() ? this.#readyAt : undefined;
  }

  /** The daemons start at once but answer only after `delay` seconds. Resolves without waiting for that. */
  async enable(delay: number): Promise<void> {
    if (this.#enabled) return;
    this.#enabled = true;
    this.#readyAt = Date.now() + delay * 1000;
    await this.#engine.start(frrConfig(this.#config));
  }

  async disable(): Promise<void> {
    this.#enabled = false;
    await this.#engine.stop();
  }

  /** Another configuration altogether; nothing when it is the same. */
  async replace(lines: readonly string[]): Promise<void> {
    const config = load(lines);
    if (savedConfig(config) === savedConfig(this.#config)) return;
    const running = this.#enabled;
    if (running) await this.disable();
    this.#config = config;
    await this.#changed(savedConfig(config).split('\n'));
    if (running) await this.enable(0);
  }

  ready(): boolean {
    return this.#enabled && this.#engine.running && Date.now() >= this.#readyAt;
  }

  configure(context: Context, typed: string): Promise<Edited> {
    const done = this.#work.then(() => this.#carryOut(context, typed));
    this.#work = done.catch(() => {});
    return done;
  }

  async #carryOut(context: Context, typed: string): Promise<Edited> {
    const before = this.#config;
    const { remarks, strictAsn } = this.#behaviour;
    const objection = strictAsn ? asnObjection({ config: before, context }, typed) : undefined;
    const edited = objection ?? edit({ config: before, context }, typed);
    if (edited.said !== undefined || (edited.config === before && edited.frr.length === 0)) return edited;
    // The engine's last word counts: a line that it refuses does not become part of the configuration.
    const against = await this.#engine.apply(edited.frr);
    const refusal = against.find((said) => said.startsWith('%') && !said.includes('Unknown command'));
    if (refusal !== undefined) return { config: before, context, said: refusal, frr: [] };
    this.#config = edited.config;
    await this.#changed(savedConfig(edited.config).split('\n'));
    const said = remarks ? remark(edited, typed) : undefined;
    return said === undefined ? edited : { ...edited, remark: said };
  }

  async write(): Promise<void> {
    // [unverified] text
    if (this.#behaviour.fullDisk) throw new Error("Can't open configuration file: No space left on device");
    await mkdir(dirname(this.#conf), { recursive: true });
    await writeFile(this.#conf, respelled(savedConfig(this.#config), this.#behaviour), { mode: 0o600 });
  }

  async show(command: ExecCommand, words: readonly string[]): Promise<string> {
    const engine = this.#engine;
    const { columns } = this.#behaviour;
    const address = words.find((word) => /^[\d.]+$|:/.test(word)) ?? '';
    switch (command) {
      case 'running':
        return this.#read(runningConfig(this.#config, this.#behaviour));
      case 'running-router':
        return this.#read(runningRouter(this.#config, this.#behaviour));
      case 'startup':
        return shown(await readFile(this.#conf, 'utf8').catch(() => ''), { ...this.#behaviour, bulk: 0, respell: {} });
      case 'summary':
        return renderSummary(await engine.bgp('show bgp summary'), { layout: this.#behaviour });
      case 'summary-ipv6':
        return renderSummary(await engine.bgp('show bgp summary'), { layout: this.#behaviour, family: 'ipv6Unicast' });
      case 'neighbors':
        return renderNeighbors(await engine.bgp('show bgp neighbors'), this.#restarts());
      case 'neighbor':
        return this.#neighbor(address);
      case 'neighbor-routes':
        return renderTable(await engine.bgp('show bgp ipv4 unicast'), { columns, from: address });
      case 'table':
        return renderTable(await engine.bgp('show bgp ipv4 unicast'), { columns });
      case 'table-ipv6':
        return renderTable(await engine.bgp('show bgp ipv6 unicast'), { columns });
      case 'prefix':
        return renderTable(await engine.bgp('show bgp ipv4 unicast'), { columns, only: words.at(-1) ?? '' });
      case 'routes':
        return renderRoutes(await engine.zebra('show ip route'));
      case 'routes-ipv6':
        return renderRoutes(await engine.zebra('show ipv6 route'));
      case 'bgp-routes':
        return renderRoutes(await engine.zebra('show ip route'), 'bgp');
      case 'version':
        return 'ZebOS version 7.10.4 (BIG-IP)\n';
      case 'clear':
        return this.#clear(words);
      default:
        return '';
    }
  }

  /** After the configuration was read for the n-th time somebody else may come. */
  async #read(text: string): Promise<string> {
    const { afterReads, lines } = this.#behaviour.intruder;
    if (++this.#reads !== afterReads) return text;
    let context: Context = { at: 'config' };
    for (const line of lines) ({ context } = await this.configure(context, line));
    return text;
  }

  async #neighbor(address: string): Promise<string> {
    const known = this.#config.router?.lines.some((line) => line.text.startsWith(`neighbor ${address} `));
    if (known !== true) return '% No such neighbor\n';
    return renderNeighbors(await this.#engine.bgp(`show bgp neighbors ${address}`), this.#restarts());
  }

  #restarts() {
    const lines = this.#config.router?.lines ?? [];
    return { gracefulRestart: lines.some((line) => line.text.startsWith('bgp graceful-restart')) };
  }

  /** `clear ip bgp …`: an exec command of bgpd, with the group spelled out. */
  async #clear(words: readonly string[]): Promise<string> {
    const [whom = '*', ...how] = words.slice(words[1] === 'ip' ? 3 : 2);
    const target = whom === '*' || /^[\d.]+$|:/.test(whom) ? whom : `peer-group ${whom}`;
    await this.#engine.bgpExec(`clear bgp ${target} ${how.join(' ')}`.trim());
    return '';
  }
}
