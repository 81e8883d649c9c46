import { z } from 'zod';
import type { RunCommand, RunOutcome } from '../core/journal.ts';

const Common = { v: z.literal(1), run: z.string(), at: z.string() };
const Keys = { step: z.string(), keys: z.array(z.string()) };

/** One line of the journal. A later cpaas may add types and fields under a higher `v`; this one then refuses the file. */
export const Entry = z.discriminatedUnion('type', [
  z.object({
    ...Common,
    type: z.literal('run'),
    command: z.string().transform((command) => command as RunCommand),
    user: z.string(),
    machine: z.string(),
    undoes: z.string().exactOptional(),
  }),
  z.object({
    ...Common,
    type: z.literal('intent'),
    step: z.string(),
    kind: z.string(),
    place: z.unknown(),
    host: z.string(),
    within: z.object({ step: z.string(), key: z.string(), kind: z.string(), place: z.unknown() }).optional(),
    phase: z.object({ name: z.string(), rank: z.number() }),
    /** The place has to be closed; with what was seen before its first change. */
    closing: z
      .object({ before: z.unknown().optional() })
      .transform(({ before }) => ({ before }))
      .optional(),
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
  }),
]);
export type Entry = z.infer<typeof Entry>;
export type Intent = Extract<Entry, { type: 'intent' }>;
