import pLimit from 'p-limit';
import { CpaasError, isUnreachable } from '../core/errors.ts';
import type { Step } from '../core/step.ts';
import type { Engine } from './engine.ts';

/** Hosts that could not be reached in this run. Their steps are left out from then on; the rest goes on. */
export class Lost {
  readonly #why = new Map<string, CpaasError>();
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  has(host: string): boolean {
    return this.#why.has(host);
  }

  /** Takes note of a host that is out of reach; anything else is thrown on. */
  note(host: string, error: unknown): void {
    if (!isUnreachable(error)) throw error;
    if (this.#why.has(host)) return;
    this.#why.set(host, error);
    this.#engine.emit({ type: 'host.lost', host: this.#engine.ctx.host(host).name, error });
  }

  /** The failure that a run with lost hosts ends in, after everything else was done. */
  error(): CpaasError | undefined {
    if (this.#why.size === 0) return undefined;
    const names = [...this.#why.keys()].map((host) => this.#engine.ctx.host(host).name);
    return new CpaasError('HOST.UNREACHABLE', `out of reach: ${names.join(', ')}; everything else was done`, {
      cause: this.#why.size === 1 ? [...this.#why.values()][0] : undefined,
      evidence: [...this.#why].map(([host, { message }]) => ({
        label: this.#engine.ctx.host(host).name,
        text: message,
      })),
      next: [
        { label: 'goes on when it answers again', command: 'cpaas up' },
        ...names.map((name) => ({ label: 'gives up what is there', command: `cpaas forget ${name}` })),
      ],
    });
  }
}

/**
 * Hosts in parallel, the steps of one host in order, and `after` once all steps of a host have gone well. A failure lets the others
 * finish; then all failures are told.
 */
export async function eachHost<T extends { readonly step: Step }>(
  items: readonly T[],
  lost: Lost,
  parallel: number,
  act: (item: T) => Promise<void>,
  after: (items: readonly T[]) => Promise<void> = async () => {},
): Promise<void> {
  const byHost = new Map<string, T[]>();
  for (const item of items) byHost.set(item.step.host, [...(byHost.get(item.step.host) ?? []), item]);
  const limit = pLimit(parallel);
  const ends = await Promise.allSettled(
    [...byHost].map(([host, own]) =>
      limit(async () => {
        const reached = (error: unknown): void => lost.note(host, error);
        for (const item of own) {
          if (lost.has(host)) return;
          await act(item).catch(reached);
        }
        if (!lost.has(host)) await after(own).catch(reached);
      }),
    ),
  );
  const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, `${failures.length} hosts failed`);
}
