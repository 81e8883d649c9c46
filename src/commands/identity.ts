import { CpaasError } from '../core/errors.ts';
import type { Facts } from '../core/facts.ts';
import type { Blueprint } from '../providers/blueprint.ts';
import type { ClusterRecord } from '../state/record.ts';

/** The state belongs to one cluster: another one under the same name is refused with `STATE.OTHER_CLUSTER`. */
export async function checkIdentity({ identity }: Blueprint, record: ClusterRecord, facts: Facts): Promise<void> {
  if (!identity) return;
  const found = await facts.get(identity);
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
