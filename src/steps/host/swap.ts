import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { reading } from '../../core/reading.ts';
import type { Command, ElementChange } from '../../core/step.ts';
import { OFF, swapAreas, swapLines, withSwapLines } from '../../host/swap.ts';
import { Within } from '../../host/within.ts';

const Place = z.strictObject({ host: z.string(), within: Within });
export type HostSwapPlace = z.infer<typeof Place>;

const FSTAB = '/etc/fstab';
const AREAS = 'in use';
const LINES = FSTAB;

/** The wish for no swap at all, now and after a restart. */
export const noSwap: readonly (readonly [string, readonly string[]])[] = [
  [AREAS, []],
  [LINES, []],
];

/** The swap of a host: the areas in use, and the lines of its fstab that bring them back. Undo brings back both as they were. */
export const hostSwap = defineStep<HostSwapPlace, readonly string[]>({
  kind: 'host.swap',
  place: Place,
  value: z.array(z.string()),
  undo: 'down',
  adoptable: false,
  id: ({ host }) => host,
  title: () => 'Swap',
  host: ({ host }) => host,
  within: ({ within }) => within,
  claim: () => 'take',
  describe: ({ key, from = [], to = [] }) => {
    const off = from.filter((each) => !to.includes(each)).map((each) => `${firstWord(each)} off`);
    const on = to.filter((each) => !from.includes(each)).map((each) => `${firstWord(each)} on`);
    return `${key}: ${[...off, ...on].join(', ')}`;
  },
  risk: ({ key, from = [], to = [] }) =>
    key === AREAS && from.length > to.length
      ? { risk: 'disruptive', why: 'what is in swap must fit into memory' }
      : { risk: 'additive' },

  async read(ctx, { host }) {
    const [swaps, fstab] = await ctx
      .host(host)
      .queryAll([reading(['cat', '/proc/swaps']), reading(['cat', FSTAB], { codes: [1] })]);
    return new Map([
      [AREAS, { value: swapAreas(swaps?.stdout ?? '').toSorted() }],
      [LINES, { value: swapLines(fstab?.stdout ?? '') }],
    ]);
  },

  commands: (_, changes) => changes.flatMap(commandsOf),

  async write(ctx, { host }, changes) {
    const machine = ctx.host(host);
    // the lines first: what a power cut leaves is then put right by the next start
    for (const { key, to = [] } of changes) {
      const fstab = key === LINES ? await machine.read(FSTAB) : undefined;
      if (fstab !== undefined) await machine.write(FSTAB, withSwapLines(fstab, to));
    }
    for (const change of changes.filter(({ key }) => key === AREAS))
      for (const { argv } of commandsOf(change)) await machine.run(argv, { timeout: SWAPOFF });
  },
});

/** Milliseconds: everything that was swapped out is read back. */
const SWAPOFF = 600_000;

const firstWord = (line: string): string => line.trim().split(/\s+/)[0] ?? '';

function commandsOf({ key, from = [], to = [] }: ElementChange<readonly string[]>): readonly Command[] {
  const off = from.filter((each) => !to.includes(each));
  const on = to.filter((each) => !from.includes(each));
  if (key === LINES)
    return [...off, ...on].map((line) => ({ argv: ['sed', '-i', expression(line, off.includes(line)), FSTAB] }));
  // one command each: who is cut off from the host does not cut that off
  return [
    ...(off.length > 0 ? [{ argv: ['swapoff', ...off] }] : []),
    ...(on.length > 0 ? [{ argv: ['swapon', ...on] }] : []),
  ];
}

/** What plan prints for a line; it is written by other means, whole. */
const expression = (line: string, off: boolean): string =>
  off ? `\\|^${line}$|s/^/${OFF}/` : `\\|^${OFF}${line}$|s/^${OFF}//`;
