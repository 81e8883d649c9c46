import { CpaasError, isUnreachable } from '../core/errors.ts';
import type { Engine } from './engine.ts';

/** Hosts that could not be reached in this run. Their steps are left out from then on; the rest goes on. */
export class LostHosts {
  readonly #why = new Map<string, CpaasError>();
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  why(host: string): CpaasError | undefined {
    return this.#why.get(host);
  }

  /** Takes note of a host that is out of reach; anything else is thrown on. */
  note(host: string, error: unknown): void {
    if (!isUnreachable(error)) throw error;
    if (this.#why.has(host)) return;
    this.#why.set(host, error);
    this.#engine.emit({ type: 'host.lost', host: this.#engine.ctx.host(host).name, error });
  }

  /** The failure that a run ends in which would have had something to do on lost hosts; with what became of `rest`. */
  error(hosts: ReadonlySet<string>, rest: string): CpaasError | undefined {
    const lost = [...this.#why].filter(([host]) => hosts.has(host));
    if (lost.length === 0) return undefined;
    const named = lost.map(([host, why]) => ({ name: this.#engine.ctx.host(host).name, why }));
    const names = named.map(({ name }) => name);
    return new CpaasError('HOST.UNREACHABLE', `out of reach: ${names.join(', ')}; ${rest}`, {
      ...(named.length === 1 ? { cause: named[0]?.why } : {}),
      evidence: named.map(({ name, why }) => ({ label: name, text: why.message })),
      next: [
        { label: 'goes on when it answers again', command: 'cpaas up' },
        ...names.map((name) => ({ label: 'gives up what is there', command: `cpaas forget ${name}` })),
      ],
    });
  }
}
