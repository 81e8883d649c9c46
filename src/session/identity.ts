import { CpaasError } from '../core/errors.ts';
import type { Facts } from '../core/facts.ts';
import type { Blueprint } from '../providers/blueprint.ts';
import type { ClusterRecord } from '../state/record.ts';

/**
 * The state belongs to one cluster: another one under the same name is refused with `STATE.OTHER_CLUSTER`. A cluster that cannot be
 * asked is unknown for now, which only a run (`must`) cannot do with.
 */
export async function checkIdentity(
  { identity }: Blueprint,
  record: ClusterRecord,
  facts: Facts,
  { must }: { readonly must: boolean },
): Promise<void> {
  if (!identity) return;
  const found = await facts.get(identity).catch((error: unknown) => {
    if (must || !(error instanceof CpaasError) || error.code === 'RUN.INTERRUPTED') throw error;
    return undefined;
  });
  if (found === undefined) return;
  if (record.identity !== undefined && record.identity !== found)
    throw new CpaasError('STATE.OTHER_CLUSTER', `the state of ${record.cluster} belongs to another cluster`, {
      evidence: [
        { label: 'known as', text: record.identity },
        { label: 'this one', text: found },
      ],
      next: [
        { label: 'give this cluster another metadata.name' },
        {
          label: 'or give up what is known of the other one',
          command: `cpaas forget --cluster ${record.cluster} --all`,
        },
      ],
    });
  record.identity = found;
}
