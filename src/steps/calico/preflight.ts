import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import type { Claim, Wanted } from '../../core/step.ts';
import { Within } from '../../host/within.ts';
import { KubeAccess } from '../../kube/access.ts';

/** `identity` is what makes the cluster itself. `backend`: what calico-node programs routes with; left out where none was ever started. */
const Place = z.strictObject({
  identity: z.string(),
  kube: KubeAccess,
  backend: z.string().optional(),
  within: Within,
});
export type CalicoPreflightPlace = z.infer<typeof Place>;

/** Something as it must be, or a sentence that says what is there instead. */
const Condition = z.union([z.literal(true), z.string()]);
type Condition = z.infer<typeof Condition>;

const BGP = 'BGP';

/** What a cluster that somebody else made must have. */
export const calicoConditions: Wanted<Condition> = [[BGP, true]];

/** Conditions on a cluster's Calico that are looked at and never made: each one that does not hold is a conflict that names what is missing. */
export const calicoPreflight = defineStep<CalicoPreflightPlace, Condition>({
  kind: 'calico.preflight',
  place: Place,
  value: Condition,
  undo: 'never',
  id: ({ identity }) => identity,
  title: () => 'conditions on Calico',
  host: ({ kube }) => kube.host,
  within: ({ within }) => within,
  claim: (key, seen): Claim => ({
    conflict: typeof seen?.value === 'string' ? seen.value : `${key} is not there`,
    code: 'CALICO.NO_BGP',
  }),
  risk: () => ({ risk: 'additive' }),
  commands: () => [],
  read: async (_, { backend }) => new Map([[BGP, { value: bgp(backend) }]]),
});

function bgp(backend: string | undefined): Condition {
  if (backend === 'bird') return true;
  return backend === undefined
    ? 'no pod of calico-node runs in the cluster: nothing there speaks BGP'
    : `Calico of this cluster works without BGP: its nodes run no BIRD (backend ${backend})`;
}
