import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual as same } from 'node:util';
import { z } from 'zod';
import type { Reader } from '../core/context.ts';
import { reading } from '../core/reading.ts';
import { type Claim, type Command, defineStep, type ElementChange, type RiskOf, type Seen } from '../core/step.ts';
import type { Output } from '../core/transport.ts';
import { labLayout } from '../lab/layout.ts';
import { LabSpec } from '../lab/spec.ts';
import { fromWire, Reply } from '../lab/supervisor/wire.ts';

/** `host` is this machine: a lab's namespaces are here. */
const Place = z.strictObject({ host: z.string(), lab: z.string() });
export type LabPlace = z.infer<typeof Place>;

const { nodes, routers, ...base } = LabSpec.shape;
/** What its machines have in common, and whether its processes run; a node; a unit, which is known by its address. */
const Part = z.union([
  z.strictObject({ spec: z.strictObject(base), running: z.boolean() }),
  z.strictObject({ node: nodes.element }),
  z.strictObject({ router: routers.element }),
]);
export type LabPart = z.infer<typeof Part>;
type Change = ElementChange<LabPart>;

/** The element that everything in a lab stands in. */
export const LAB = 'lab';
export const routerKey = (address: string): string => `router ${address}`;

/** The wish for a whole lab. */
export function labParts({ nodes, routers, ...spec }: LabSpec): readonly (readonly [string, LabPart])[] {
  return [
    [LAB, { spec, running: true }],
    ...nodes.map((node) => [`node ${node.name}`, { node }] as const),
    ...routers.map((router) => [routerKey(router.address), { router }] as const),
  ];
}

/** A lab on this machine. One that somebody had started is found as wanted, so it is not ours, and `down` leaves it. */
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
  describe: ({ key, to }) => (key === LAB && to && 'spec' in to ? `lab, topology ${to.spec.topology}` : key),

  async read(ctx, { host, lab }) {
    const found = await state(ctx, host, lab);
    if (!found) return new Map();
    const parts = labParts(found.spec).map(([key, value]) => [key, { value }] as [string, Seen<LabPart>]);
    return new Map(parts).set(LAB, { value: { spec: common(found.spec), running: found.running } });
  },

  commands: ({ lab }, changes) => {
    if (removed(changes)) return [{ argv: ctl('down', lab) }];
    const whole = changes.some(({ key, from }) => key === LAB && from === undefined);
    const stdin = whole ? text(composed(undefined, changes)) : '<the lab as it is, with these changes>\n';
    return [{ argv: ctl('apply'), stdin }] satisfies Command[];
  },

  async write(ctx, { host, lab }, changes) {
    const machine = ctx.host(host);
    if (removed(changes)) return told(await machine.run(ctl('down', lab), { timeout: 60_000, codes: [2] }));
    const spec = composed((await state(ctx, host, lab))?.spec, changes);
    const timeout = 60_000 + 2_000 * spec.nodes.length;
    told(await machine.run(ctl('apply'), { stdin: text(spec), timeout, codes: [2] }));
  },
});

function claim(key: string, seen: Seen<LabPart> | undefined, want: LabPart, ours: boolean): Claim {
  if (!seen) return 'take';
  const { value } = seen;
  // the file may call a unit what it likes
  if ('router' in value && 'router' in want && same({ ...value.router, name: '' }, { ...want.router, name: '' }))
    return 'leave';
  if ('spec' in value && 'spec' in want && same(value.spec, want.spec))
    return ours ? 'take' : { conflict: 'the processes of this lab are gone: `cpaas lab up` starts them again' };
  const owner = ours ? 'take it down first' : 'somebody started it: cpaas lab down, or another name';
  return { conflict: `${key === LAB ? 'the lab' : key} stands here with other properties: ${owner}` };
}

function risk({ key, to, from }: Change): RiskOf {
  if (to !== undefined || from === undefined) return { risk: 'additive' };
  if (key === LAB) return { risk: 'destructive', why: 'the lab, with everything in it' };
  return { risk: 'disruptive', why: `${key}, with everything on it` };
}

const removed = (changes: readonly Change[]): boolean => changes.some(({ key, to }) => key === LAB && to === undefined);

/** The program beside this one that makes and unmakes labs; as root. */
const ctl = (...words: string[]): readonly string[] => [
  process.execPath,
  fileURLToPath(new URL('../lab/ctl.js', import.meta.url)),
  ...words,
];

/** The failure that the program has printed, as it was thrown there. */
function told({ code, stdout }: Output): void {
  if (code === 0) return;
  const reply = Reply.parse(JSON.parse(stdout));
  if ('error' in reply) throw fromWire(reply.error);
}

const State = z.object({ spec: LabSpec.optional(), supervisor: z.number(), ready: z.boolean() });

/** The lab as its supervisor last knew it; running when that process still is. */
async function state(
  ctx: Reader,
  host: string,
  lab: string,
): Promise<{ readonly spec: LabSpec; readonly running: boolean } | undefined> {
  const file = await ctx.host(host).read(labLayout(lab).state);
  if (file === undefined) return undefined;
  const { spec, supervisor, ready } = State.parse(JSON.parse(file));
  if (!spec) return undefined;
  const { code, stdout } = await ctx.host(host).query(reading(['cat', `/proc/${supervisor}/cmdline`], { codes: [1] }));
  return { spec, running: ready && code === 0 && stdout.split('\0').includes(lab) };
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

function common({ nodes: _, routers: __, ...spec }: LabSpec) {
  return spec;
}

const text = (spec: LabSpec): string => `${JSON.stringify(spec)}\n`;
