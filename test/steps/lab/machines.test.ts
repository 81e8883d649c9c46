import { describe, expect, test } from 'vitest';
import { type Owned, reconcile } from '../../../src/core/reconcile.ts';
import { labLayout } from '../../../src/lab/layout.ts';
import { keysIn, LAB, nodeKey } from '../../../src/lab/part-keys.ts';
import { LabSpec } from '../../../src/lab/spec.ts';
import { labMachines, labParts } from '../../../src/steps/lab/machines.ts';
import { type FakeProgram, fakeContext, Power } from '../../helpers/fake-host.ts';
import { labSpec, nodes } from '../../helpers/lab.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const NAME = 'm2-unit';
const HOST = 'local';
const PID = 4242;
const place = { host: HOST, lab: NAME };
const small = labSpec(NAME, { nodes: nodes(2) });
const large = labSpec(NAME, { nodes: nodes(3) });

/** A machine where at most one lab stands; its supervisor is a line in `/proc`. */
class Here {
  readonly power = new Power();
  readonly files = new Map<string, string>();
  #running = false;
  /** How often a lab was made here: one that was taken down and made again is another one. */
  #made = 0;
  readonly #path = labLayout(NAME).state;

  readonly #ctl: FakeProgram = ([, verb, ...marks], stdin) => {
    this.power.spend();
    if (verb === 'down') this.down();
    else this.up(LabSpec.parse(JSON.parse(stdin)), marks);
    return 'null\n';
  };

  readonly machines = {
    [HOST]: {
      name: 'here',
      files: this.files,
      programs: {
        [process.execPath]: this.#ctl,
        cat: ([path]: readonly string[]) =>
          this.#running && path === `/proc/${PID}/cmdline` ? `node\0main.js\0${NAME}\0` : { code: 1 },
      },
    },
  };

  /** As the supervisor does; without marks it is `cpaas lab up`. */
  up(spec: LabSpec, marks: readonly string[] = []): void {
    const marked = keysIn(spec, [...(this.state?.marks ?? []), ...marks]);
    const instance = this.state?.instance ?? `lab ${++this.#made}`;
    this.files.set(this.#path, JSON.stringify({ instance, spec, marks: marked, supervisor: PID, ready: true }));
    this.#running = true;
  }

  /** `kill -9` of the supervisor. */
  kill(): void {
    this.#running = false;
  }

  down(): void {
    this.files.delete(this.#path);
    this.#running = false;
  }

  get state(): { readonly instance: string; readonly spec: LabSpec; readonly marks: readonly string[] } | undefined {
    const text = this.files.get(this.#path);
    return text === undefined ? undefined : JSON.parse(text);
  }

  dump(): unknown {
    const { instance: _, ...state } = this.state ?? {};
    return { ...state, running: this.#running };
  }

  /** What a run with this wish would find, where the journal says that these parts are ours. */
  async look(wish: LabSpec | undefined, owned: ReadonlyMap<string, Owned> = new Map()) {
    const step = labMachines(place, wish ? labParts(wish) : []);
    return reconcile(step, await step.read(fakeContext(this.machines), new Set(owned.keys())), owned);
  }

  /** As `cpaas up`; gives back what the journal then says. */
  async build(spec: LabSpec): Promise<ReadonlyMap<string, Owned>> {
    const { changes } = await this.look(spec);
    await labMachines(place, labParts(spec)).write(fakeContext(this.machines), changes);
    return new Map(
      changes.map(({ key, to }) => [key, { before: undefined, meant: to, ours: [to], settled: true }] as const),
    );
  }
}

const keys = (changes: readonly { readonly key: string }[]) => changes.map(({ key }) => key);

stepLaws('lab.machines', {
  step: labMachines,
  place,
  world: () => new Here(),
  wishes: [labParts(small), labParts(large)],
  // what is sent for a part of a lab holds the lab as it then is
  verbatim: false,
});

describe('a lab that cpaas up has made', () => {
  test('is still ours when its processes have died: up starts them again, down removes everything', async () => {
    const here = new Here();
    const owned = await here.build(small);
    here.kill();
    const up = await here.look(small, owned);
    expect(up.changes).toMatchObject([{ key: 'processes', cause: 'drift' }]);
    expect(up.conflicts).toEqual([]);
    const down = await here.look(undefined, owned);
    expect(down.changes.filter(({ to }) => to === undefined).map(({ key }) => key)).toContain(LAB);
    expect(down.released).toEqual([]);
  });

  test('is started again as it is, marks and all', async () => {
    const here = new Here();
    const owned = await here.build(small);
    const before = here.state;
    here.kill();
    const { changes } = await here.look(small, owned);
    await labMachines(place, labParts(small)).write(fakeContext(here.machines), changes);
    expect(here.state).toEqual(before);
    expect((await here.look(small, owned)).changes).toEqual([]);
  });

  test('is nobody of ours any more once somebody has made it again by hand: down leaves all of it', async () => {
    const here = new Here();
    const owned = await here.build(small);
    here.down();
    here.up(small);
    const { changes, released } = await here.look(undefined, owned);
    expect(changes).toEqual([]);
    expect(released).toEqual(expect.arrayContaining([LAB, nodeKey('agent-0')]));
  });
});

describe('a lab that somebody has started', () => {
  test('is as wanted and not ours', async () => {
    const here = new Here();
    here.up(small);
    expect(await here.look(small)).toMatchObject({ changes: [], kept: [], conflicts: [] });
  });

  test('is not started again by us, and the conflict says by what it is', async () => {
    const here = new Here();
    here.up(small);
    here.kill();
    expect((await here.look(small)).conflicts).toEqual([
      { key: 'processes', why: 'the processes of this lab are gone: `cpaas lab up` starts them again' },
    ]);
  });

  test('keeps what it had when we add a node to it and take that away again', async () => {
    const here = new Here();
    here.up(small);
    const owned = await here.build(large);
    expect(keys((await here.look(undefined, owned)).changes)).toEqual([nodeKey('agent-1')]);
    const { changes } = await here.look(undefined, owned);
    await labMachines(place, []).write(fakeContext(here.machines), changes);
    expect(here.state).toMatchObject({ spec: small, marks: [], supervisor: PID, ready: true });
  });

  test('with other properties is a conflict', async () => {
    const here = new Here();
    here.up(labSpec(NAME, { nodes: nodes(2), docker: '20.10' }));
    expect((await here.look(small)).conflicts).toMatchObject([{ key: LAB }]);
  });
});
