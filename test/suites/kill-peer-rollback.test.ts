import { afterAll, beforeAll, describe, test } from 'vitest';
import { Workspace } from '../helpers/cpaas.ts';
import { FaultTable } from '../helpers/fault-table.ts';
import { cells, endsWell, learnPeerAndRollback, MOMENTS, type Victim } from '../helpers/kill-cells.ts';
import { noLab } from '../helpers/lab.ts';

const lab = new Workspace('lab-vm.yaml', 'kill-b', ({ provider }) => {
  Object.assign(provider.lab, { servers: 1, agents: 0 });
});
const table = new FaultTable();

describe.skipIf(noLab).sequential('kill -9', () => {
  let peer: Victim;
  let rollback: Victim;

  beforeAll(async () => {
    lab.warm = true;
    ({ peer, rollback } = await learnPeerAndRollback(lab));
  });

  afterAll(async () => {
    table.print();
    await lab.remove();
  });

  test.each(MOMENTS)(
    '%s',
    async (moment) => {
      await cells(lab, peer, moment, table);
      // one run has made it all: what was cut off and what went on from there are two
      await endsWell(lab, 'bgp', 'unpeer', '--confirm', lab.name);
      await endsWell(lab, 'bgp', 'peer');
      await cells(lab, rollback, moment, table);
    },
    3_600_000,
  );
});
