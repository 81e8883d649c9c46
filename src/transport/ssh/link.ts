import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { CpaasError } from '../../core/errors.ts';
import type { SshHost } from '../../core/host-spec.ts';
import { parseJump, resolveTarget, type SshTarget } from './config.ts';
import type { Dialled, DialOptions } from './dial.ts';
import { unreachable, type Whom } from './errors.ts';

export interface LinkOptions extends DialOptions {
  /** For `ssh -F`. */
  readonly sshConfig?: string;
  /** The link to a host on the way; every host behind it goes through the same one. */
  jump(reach: SshHost): SshLink;
}

/** The one connection to a host: made when it is first needed, shared by all, made anew after it was lost. */
export class SshLink {
  readonly name: string;
  readonly #reach: SshHost;
  readonly #options: LinkOptions;
  #target: Promise<SshTarget> | undefined;
  #dialled: Promise<Dialled> | undefined;
  #trouble: Error | undefined;
  /** Ends when the link is closed. */
  #use = new AbortController();

  constructor(name: string, reach: SshHost, options: LinkOptions) {
    this.name = name;
    this.#reach = reach;
    this.#options = options;
  }

  connect(): Promise<Dialled> {
    this.#dialled ??= this.#dial().catch((error: unknown) => {
      // A host that could not be reached may be there the next time. What was refused is not asked again: systems lock users out.
      if (error instanceof CpaasError && error.code === 'HOST.UNREACHABLE') this.#dialled = undefined;
      throw error;
    });
    return this.#dialled;
  }

  async whom(): Promise<Whom> {
    this.#target ??= resolveTarget(this.#reach, this.#options.sshConfig);
    return { name: this.name, target: await this.#target };
  }

  /** What became of a connection that broke, if it said so. */
  get trouble(): Error | undefined {
    return this.#trouble;
  }

  /** The next command gets a new connection. */
  drop({ client }: Dialled): void {
    this.#dialled = undefined;
    client.destroy();
  }

  async close(): Promise<void> {
    const dialled = this.#dialled;
    this.#dialled = undefined;
    // a host that says nothing keeps nobody
    this.#use.abort();
    this.#use = new AbortController();
    const client = (await dialled?.catch(() => undefined))?.client;
    if (client === undefined) return;
    const closed = once(client, 'close', { signal: AbortSignal.timeout(2_000) });
    client.end();
    await closed.catch(() => client.destroy());
  }

  async #dial(): Promise<Dialled> {
    const givenUp = this.#use.signal;
    // The library takes 60 ms to load.
    const [{ dial }, whom] = await Promise.all([import('./dial.ts'), this.whom()]);
    const dialled = await dial(whom, this.#reach, { ...this.#options, givenUp }, await this.#way(whom));
    dialled.client.on('error', (error) => {
      this.#trouble = error;
    });
    dialled.client.once('close', () => {
      this.#dialled = undefined;
    });
    return dialled;
  }

  /** What leads to the host where a plain TCP connection does not. */
  async #way(whom: Whom): Promise<Duplex | undefined> {
    const { proxy, host, port } = whom.target;
    if (proxy?.by === 'command') return (await import('./proxy.ts')).throughCommand(proxy.argv);
    if (proxy?.by === 'jump') return this.#through(whom, proxy.jump, host, port);
    return undefined;
  }

  /**
   * Through our own connection to the host on the way, and not `ssh -W`: host keys and logins are checked there as everywhere, its
   * failures have our codes, and thirty hosts behind one bastion make one connection to it.
   */
  async #through(whom: Whom, jump: string, host: string, port: number): Promise<Duplex | undefined> {
    const hops = parseJump(jump);
    const last = hops.at(-1);
    // As ssh does: `Host *` with ProxyJump names the bastion itself, too.
    if (last === undefined || (last.host === this.#reach.host && hops.length === 1)) return undefined;
    const before = hops.length === 1 ? {} : { proxyJump: jump.split(',').slice(0, -1).join(',') };
    const { client } = await this.#options.jump({ ...last, ...before }).connect();
    return new Promise((resolve, reject) => {
      client.forwardOut('127.0.0.1', 0, host, port, (error, stream) =>
        error ? reject(unreachable(whom, `through ${last.host}: ${error.message}`, error)) : resolve(stream),
      );
    });
  }
}
