import { z } from 'zod';
import type { RunCommand, RunOutcome } from '../core/journal.ts';

const Common = { v: z.literal(1), run: z.string(), at: z.string() };
const Keys = { step: z.string(), keys: z.array(z.string()) };
const Within = z.object({
  ...{ step: z.string(), key: z.string(), kind: z.string(), place: z.unknown() },
  /** Which of those that stood there one after the other. */
  instance: z.string().exactOptional(),
});
const Place = {
  step: z.string(),
  kind: z.string(),
  place: z.unknown(),
  host: z.string(),
  within: Within.optional(),
  phase: z.object({ name: z.string(), rank: z.number(), turn: z.number().default(0) }),
};
/** With what was seen before the first change since the place was last closed. */
const Open = z.object({ before: z.unknown().optional() }).transform(({ before }) => ({ before }));

/** What a line says of its own version, whatever else it says. */
export const Version = z.object({ v: z.number() });
/** The version that this cpaas writes and understands. */
export const VERSION = 1;

/** One line of the journal. A later cpaas may add types and fields under a higher `v`; this one then changes nothing. */
export const Entry = z.discriminatedUnion('type', [
  z.object({
    ...Common,
    type: z.literal('run'),
    command: z.string().transform((command) => command as RunCommand),
    user: z.string(),
    machine: z.string(),
    version: z.string().exactOptional(),
    undoes: z.string().exactOptional(),
  }),
  z.object({
    ...Common,
    type: z.literal('intent'),
    ...Place,
    /** The place has to be closed. */
    closing: Open.optional(),
    elements: z.array(
      z.object({
        key: z.string(),
        before: z.unknown().optional(),
        from: z.unknown().optional(),
        to: z.unknown().optional(),
        adopted: z.literal(true).optional(),
      }),
    ),
  }),
  z.object({ ...Common, type: z.literal('settled'), ...Keys }),
  z.object({ ...Common, type: z.literal('released'), ...Keys }),
  z.object({ ...Common, type: z.literal('closed'), step: z.string() }),
  z.object({
    ...Common,
    type: z.literal('ended'),
    outcome: z.string().transform((outcome) => outcome as RunOutcome),
    seconds: z.number().exactOptional(),
  }),
  /** The first line of a journal whose beginning was put away: what was ours at that moment. */
  z.object({
    ...Common,
    type: z.literal('checkpoint'),
    /** How many files hold what was before. */
    archives: z.number(),
    held: z.array(
      z.object({
        ...Place,
        unclosed: Open.optional(),
        elements: z.array(
          z.object({
            key: z.string(),
            before: z.unknown().optional(),
            meant: z.unknown().optional(),
            // each in an object: absence is a value, too, and JSON has none in a list
            ours: z.array(z.object({ value: z.unknown().optional() })),
            settled: z.boolean(),
            adopted: z.literal(true).exactOptional(),
          }),
        ),
      }),
    ),
  }),
]);
export type Entry = z.infer<typeof Entry>;
export type Intent = Extract<Entry, { type: 'intent' }>;
export type Checkpoint = Extract<Entry, { type: 'checkpoint' }>;
