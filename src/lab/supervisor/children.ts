import { isDeepStrictEqual } from 'node:util';
import { Child } from './child.ts';
import type { ChildSpec, Log } from './parts.ts';

/** All long-lived processes of a lab, by the machine they belong to. */
export class Children {
  readonly #log: Log;
  readonly #onChange: () => void;
  readonly #machines = new Map<string, Map<string, Child>>();

  constructor(log: Log, onChange: () => void) {
    this.#log = log;
    this.#onChange = onChange;
  }

  /** Makes these the processes of a machine: what is no longer wanted, or wanted otherwise, ends; the others are left alone. Resolves when all are ready. */
  async keep(machine: string, specs: readonly ChildSpec[]): Promise<void> {
    const kept = this.#machines.get(machine) ?? new Map<string, Child>();
    this.#machines.set(machine, kept);
    const wanted = new Map(specs.map((spec) => [spec.id, spec]));
    const old = [...kept.values()].filter(({ spec }) => !same(spec, wanted.get(spec.id)));
    for (const { spec } of old) kept.delete(spec.id);
    await Promise.all(old.map((child) => child.stop()));
    for (const spec of specs) {
      const child = kept.get(spec.id) ?? new Child(spec, this.#log, this.#onChange);
      kept.set(spec.id, child);
      child.start();
    }
    await Promise.all([...kept.values()].map((child) => child.ready()));
  }

  /** Ends all processes of a machine. */
  async end(machine: string): Promise<void> {
    const children = [...(this.#machines.get(machine)?.values() ?? [])];
    this.#machines.delete(machine);
    await Promise.all(children.map((child) => child.stop()));
  }

  /** Whether every process of the machine is up; so too where it needs none. */
  running(machine: string): boolean {
    return [...(this.#machines.get(machine)?.values() ?? [])].every((child) => child.running);
  }
}

const data = ({ id, namespace, argv, env, cwd, restart }: ChildSpec) => ({ id, namespace, argv, env, cwd, restart });
const same = (a: ChildSpec, b: ChildSpec | undefined): boolean =>
  b !== undefined && isDeepStrictEqual(data(a), data(b));
