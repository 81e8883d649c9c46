import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { labLayout } from '../layout.ts';
import { LabSpec } from '../spec.ts';

const MachineState = z.strictObject({
  kind: z.enum(['lan', 'vm', 'node', 'router', 'pod']),
  /** What the spec calls it now. */
  name: z.string(),
  /** What it was made as; its namespace and its folder are called so. Differs from `name` when the file has renamed a router. */
  unit: z.string(),
  namespace: z.string(),
  /** The VM's on the LAN, a node's, a router's self-IP, a pod's; the LAN has none. */
  address: z.string().optional(),
  /** `pod` only: the node it is plugged into. */
  node: z.string().optional(),
  /** Whether it was ever finished. Written down before it is begun. */
  made: z.boolean(),
  /** Whether all of its processes are up. */
  running: z.boolean(),
});
export type MachineState = z.infer<typeof MachineState>;

/** `lab.json`: a lab as its supervisor last knew it. */
export const LabState = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  /** What makes this lab itself: the same as long as it is not taken down. */
  instance: z.string(),
  /** Process of the supervisor, as the machine numbers it. It may have died since: `labList` looks. */
  supervisor: z.number().int(),
  /** The spec in force; missing before the first `apply`. */
  spec: LabSpec.optional(),
  /** Keys of the parts that `cpaas up` has made: what a person starts bears no mark, and loses none. */
  marks: z.array(z.string()),
  /** Whether everything the spec asks for was seen to be up. */
  ready: z.boolean(),
  machines: z.array(MachineState),
});
export type LabState = z.infer<typeof LabState>;

export const newState = (name: string): LabState => ({
  version: 1,
  name,
  instance: randomUUID(),
  supervisor: 0,
  marks: [],
  ready: false,
  machines: [],
});

/** Nothing when there is none, or none that can be understood: what the namespaces say of themselves counts then. */
export async function readState(name: string): Promise<LabState | undefined> {
  const text = await readFile(labLayout(name).state, 'utf8').catch(() => '');
  try {
    return LabState.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Keeps `lab.json`: what changes while it is being written goes out with the next writing. */
export class StateFile {
  #state: LabState;
  #written: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(state: LabState) {
    this.#state = state;
  }

  get(): LabState {
    return this.#state;
  }

  /** Resolves when it is on disk. */
  change(change: Partial<LabState>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    this.#next ??= this.#written.then(() => {
      this.#next = undefined;
      return write(this.#state);
    });
    // A writing that failed is its caller's to hear of; the next one tries again.
    this.#written = this.#next.catch(() => {});
    return this.#next;
  }
}

async function write(state: LabState): Promise<void> {
  const { root, state: path } = labLayout(state.name);
  await mkdir(root, { recursive: true });
  await writeFile(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`);
  await rename(`${path}.new`, path);
}
