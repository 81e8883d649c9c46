import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import type { Wanted } from '../../core/step.ts';
import { checkNames } from '../../kubeadm/preflight.ts';

/**
 * `findings`: what is wrong with the host, by check, a sentence each. They are found by whoever makes the step, since hosts are judged
 * by each other, and all of them by one reading of each.
 */
const Place = z.strictObject({ host: z.string(), findings: z.record(z.string(), z.string()) });
export type KubeadmPreflightPlace = z.infer<typeof Place>;

/** Something as it must be, or a sentence that says what is there instead. */
const Condition = z.union([z.literal(true), z.string()]);

/** All that a host must be. */
export const hostConditions: Wanted<true> = checkNames.map((name) => [name, true] as const);

/** What a host must be that cpaas does not make of it: each condition that does not hold is a conflict with its way out. */
export const kubeadmPreflight = defineStep<KubeadmPreflightPlace, z.infer<typeof Condition>>({
  kind: 'kubeadm.preflight',
  place: Place,
  value: Condition,
  undo: 'never',
  id: ({ host }) => host,
  title: () => 'conditions on the host',
  host: ({ host }) => host,
  claim: (key, seen) => ({ conflict: typeof seen?.value === 'string' ? seen.value : `${key} is not known` }),
  risk: () => ({ risk: 'additive' }),
  commands: () => [],
  read: async (_, { findings }, keys) => new Map([...keys].map((key) => [key, { value: findings[key] ?? true }])),
});
