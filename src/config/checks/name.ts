import { ADHOC } from '../../core/cluster-name.ts';
import { type Check, error } from './check.ts';

/** The state of that name belongs to `cpaas bgp` without a file, for many clusters. */
export const ownName: Check = function* (cluster) {
  if (cluster.metadata?.name === ADHOC)
    yield error(
      ['metadata', 'name'],
      `${ADHOC} is what cpaas bgp calls its state where there is no file: choose another`,
    );
};
