import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual as same } from 'node:util';
import { z } from 'zod';
import type { Reader } from '../../core/context.ts';
import { defineStep } from '../../core/define-step.ts';
import { reading } from '../../core/reading.ts';
import type { Claim, Command, ElementChange, RiskOf, Seen } from '../../core/step.ts';
import type { Output } from '../../core/transport.ts';
import { labLayout } from '../../lab/layout.ts';
import { LAB, nodeKey, routerKey } from '../../lab/part-keys.ts';
import { LabSpec } from '../../lab/spec.ts';
import { fromWire, Reply } from '../../lab/supervisor/wire.ts';

/** `host` is this machine: a lab's namespaces are here. */
const Place = z.strictObject({ host: z.string(), lab: z.string() });
export type LabPlace = z.infer<typeof Place>;

const { nodes, routers, ...base } = LabSpec.shape;
/** What its machines have in common; whether all of its processes run; a node; a unit. */
const Part = z.union([
  z.strictObject({ spec: z.strictObject(base) }),
  z.strictObject({ running: z.boolean() }),
  z.strictObject({ node: nodes.element }),
  z.strictObject({ router: routers.element }),
]);
export type LabPart = z.infer<typeof Part>;
type Change = ElementChange<LabPart>;

/** Apart from the lab itself: that they die makes it nobody else's. They go with it. */
const PROCESSES = 'processes';

/** The wish for a whole lab; as it is where its processes do not run. */
export function labParts(
  { nodes, routers, ...spec }: LabSpec,
  running = true,
): readonly (readonly [string, LabPart])[] {
  return [
    [LAB, { spec }],
    [PROCESSES, { running }],
    ...nodes.map((node) => [nodeKey(node.name), { node }] as const),
    ...routers.map((router) => [routerKey(router.address), { router }] as const),
  ];
}

/**
 * A lab on this machine. What `cpaas up` has made bears a mark in it, which goes when the lab does: one that somebody has started, or
 * started again, is not ours, and `down` leaves it.
 */
export const labMachines = defineStep<LabPlace, LabPart>({
  kind: 'lab.machines',
  place: Place,
  value: Part,
  undo: 'down',
  id: ({ lab }) => lab,
  title: ({ lab }) => `Lab ${lab}`,
  host: ({ host }) => host,
  claim,
  risk,
  describe: ({ key, to }) => {
    if (key === PROCESSES) return 'the processes of the lab';
    return to && 'spec' in to ? `lab, topology ${to.spec.topology}` : key;
  },

  async read(ctx, { host, lab }) {
    const found = await state(ctx, host, lab);
    if (!found) return new Map();
    const isOurs = (key: string) => found.marks.includes(key === PROCESSES ? LAB : key);
    const { instance } = found;
    return new Map(
      labParts(found.spec, found.running).map(([key, value]) => [
        key,
        { value, mark: isOurs(key) ? 'ours' : 'other', instance },
      ]),
    );
  },

  commands: ({ lab }, changes) => {
    if (changes.length === 0) return [];
    if (removed(changes)) return [{ argv: ctl('down', lab) }];
    const whole = changes.some(({ key, from }) => key === LAB && from === undefined);
    const stdin = whole ? text(composed(undefined, changes)) : '<the lab as it is, with these changes>\n';
    return [{ argv: ctl('apply', ...made(changes)), stdin }] satisfies Command[];
  },

  async write(ctx, { host, lab }, changes) {
    if (changes.length === 0) return;
    const machine = ctx.host(host);
    if (removed(changes)) return told(await machine.run(ctl('down', lab), { timeout: 60_000, codes: [2] }));
    const spec = composed((await state(ctx, host, lab))?.spec, changes);
    const timeout = 60_000 + 2_000 * spec.nodes.length;
    told(await machine.run(ctl('apply', ...made(changes)), { stdin: text(spec), timeout, codes: [2] }));
  },
});

function claim(key: string, seen: Seen<LabPart> | undefined, want: LabPart, ours: boolean): Claim {
  if (!seen) return 'take';
  const { value } = seen;
  if (same(value, want)) return 'leave';
  // the file may call a unit what it likes
  if ('router' in value && 'router' in want && same({ ...value.router, name: '' }, { ...want.router, name: '' }))
    return 'leave';
  if (key === PROCESSES)
    return ours ? 'take' : { conflict: 'the processes of this lab are gone: `cpaas lab up` starts them again' };
  const owner = ours ? 'take it down first' : 'somebody started it: cpaas lab down, or another name';
  return { conflict: `${key === LAB ? 'the lab' : key} stands here with other properties: ${owner}` };
}

function risk({ key, to, from }: Change): RiskOf {
  if (to !== undefined || from === undefined) return { risk: 'additive' };
  if (key === LAB) return { risk: 'destructive', why: 'the lab, with everything in it' };
  return { risk: 'disruptive', why: 'everything on it goes with it' };
}

/** The parts that bear our mark from now on. */
const made = (changes: readonly Change[]): readonly string[] =>
  changes.flatMap(({ key, to }) => (to && key !== PROCESSES ? [key] : []));

const removed = (changes: readonly Change[]): boolean => changes.some(({ key, to }) => key === LAB && to === undefined);

/** The program beside this one that makes and unmakes labs; as root. */
const ctl = (...words: string[]): readonly string[] => [
  process.execPath,
  fileURLToPath(new URL('../../lab/ctl.js', import.meta.url)),
  ...words,
];

/** The failure that the program has printed, as it was thrown there. */
function told({ code, stdout }: Output): void {
  if (code === 0) return;
  const reply = Reply.parse(JSON.parse(stdout));
  if ('error' in reply) throw fromWire(reply.error);
}

const State = z.object({
  instance: z.string(),
  spec: LabSpec.optional(),
  marks: z.array(z.string()),
  supervisor: z.number(),
  ready: z.boolean(),
});

interface Found {
  readonly instance: string;
  readonly spec: LabSpec;
  readonly marks: readonly string[];
  readonly running: boolean;
}

/** The lab as its supervisor last knew it; running when that process still is. */
async function state(ctx: Reader, host: string, lab: string): Promise<Found | undefined> {
  const file = await ctx.host(host).read(labLayout(lab).state);
  if (file === undefined) return undefined;
  const { instance, spec, marks, supervisor, ready } = State.parse(JSON.parse(file));
  if (!spec) return undefined;
  const { code, stdout } = await ctx.host(host).query(reading(['cat', `/proc/${supervisor}/cmdline`], { codes: [1] }));
  return { instance, spec, marks, running: ready && code === 0 && stdout.split('\0').includes(lab) };
}

function composed(current: LabSpec | undefined, changes: readonly Change[]): LabSpec {
  const parts = new Map(current ? labParts(current) : []);
  for (const { key, to } of changes) {
    if (to) parts.set(key, to);
    else parts.delete(key);
  }
  const values = [...parts.values()];
  const spec = values.flatMap((part) => ('spec' in part ? [part.spec] : []))[0];
  if (!spec) throw new Error('a lab has no parts without itself');
  return {
    ...spec,
    nodes: values.flatMap((part) => ('node' in part ? [part.node] : [])),
    routers: values.flatMap((part) => ('router' in part ? [part.router] : [])),
  };
}

const text = (spec: LabSpec): string => `${JSON.stringify(spec)}\n`;
