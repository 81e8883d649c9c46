import type { FrrLine } from '../zebos/frr-lines.ts';
import { type Daemon, startDaemon } from './processes.ts';

/**
 * FRR as the engine of one route domain: it speaks BGP and puts routes into the kernel, everything a user sees is ZebOS's. zebra
 * and bgpd run only while BGP is enabled there; when they leave, their routes go with them. An isolated one has a network of its own,
 * without an interface.
 */
export class Engine {
  readonly #folder: string;
  readonly #isolated: boolean;
  readonly #log: (line: string) => void;
  #zebra: Daemon | undefined;
  #bgpd: Daemon | undefined;

  constructor(folder: string, isolated: boolean, log: (line: string) => void) {
    this.#folder = folder;
    this.#isolated = isolated;
    this.#log = log;
  }

  get running(): boolean {
    return this.#bgpd?.ended === false;
  }

  async start(config: readonly FrrLine[]): Promise<void> {
    if (this.running) return;
    this.#zebra = await startDaemon('zebra', this.#folder, this.#isolated);
    this.#bgpd = await startDaemon('bgpd', this.#folder, this.#isolated);
    await this.apply(config);
  }

  async stop(): Promise<void> {
    const daemons = [this.#bgpd, this.#zebra];
    this.#bgpd = undefined;
    this.#zebra = undefined;
    // bgpd first: zebra takes its client's routes out of the kernel.
    for (const daemon of daemons) await daemon?.stop();
  }

  /** Says configuration lines to bgpd. Returns what it refused: the checks of imish should have refused it before. */
  async apply(lines: readonly FrrLine[]): Promise<readonly string[]> {
    const vty = this.#bgpd?.vty;
    if (vty === undefined || !this.running || lines.length === 0) return [];
    const refused: string[] = [];
    await vty.ask('end');
    await vty.ask('configure terminal');
    let path: readonly string[] = [];
    for (const { path: wanted, line } of lines) {
      if (wanted.join('\n') !== path.join('\n')) {
        await vty.ask('end');
        await vty.ask('configure terminal');
        for (const header of wanted) await vty.ask(header);
        path = wanted;
      }
      const { code, text } = await vty.ask(line);
      if (code !== 0) {
        this.#log(`bgpd refused "${line.replace(/(password ).*/, '$1****')}": ${text.trim()}`);
        refused.push(text.trim());
      }
      // A header at the top level (route-map …) leaves the vty inside it.
      if (wanted.length === 0) {
        await vty.ask('end');
        await vty.ask('configure terminal');
      }
    }
    await vty.ask('end');
    return refused;
  }

  /** JSON of a show command of bgpd; an empty object while it does not run. */
  async bgp(command: string): Promise<unknown> {
    return json(this.#bgpd, command);
  }

  /** A command of bgpd's exec mode, for what it does. */
  async bgpExec(command: string): Promise<void> {
    await this.#bgpd?.vty.ask(command);
  }

  async zebra(command: string): Promise<unknown> {
    return json(this.#zebra, command);
  }
}

async function json(daemon: Daemon | undefined, command: string): Promise<unknown> {
  if (daemon === undefined || daemon.ended) return {};
  const { text } = await daemon.vty.ask(`${command} json`);
  return text.trim() === '' ? {} : JSON.parse(text);
}
