import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Workspace } from '../helpers/cpaas.ts';
import { bareLab, settledDump } from '../helpers/dumps.ts';
import { FaultTable } from '../helpers/fault-table.ts';
import { cells, endsWell, learn, MOMENTS, type Victim } from '../helpers/kill-cells.ts';
import { noLab } from '../helpers/lab.ts';
import { WarmProgram } from '../helpers/warm-program.ts';

const lab = new Workspace('lab-vm.yaml', 'kill-b', ({ provider }) => {
  Object.assign(provider.lab, { servers: 1, agents: 0 });
});
const ROLLBACK = ['rollback', '--confirm', lab.name];
const table = new FaultTable();

describe.skipIf(noLab).sequential('kill -9', () => {
  let peer: Victim;
  let rollback: Victim;

  beforeAll(async () => {
    lab.warm = new WarmProgram();
    await bareLab(lab);
    // what bgp peer does not do of it is what its sessions come through
    await endsWell(lab, 'up', '--only', 'Forwarding');
    const from = await settledDump(lab);
    peer = await learn(lab, 'bgp peer', ['bgp', 'peer'], from, () => endsWell(lab, ...ROLLBACK));
    rollback = await learn(lab, 'rollback', ROLLBACK, peer.to, () => endsWell(lab, 'bgp', 'peer'));
    expect(rollback.to).toEqual(from);
  }, 300_000);

  afterAll(async () => {
    table.print();
    lab.warm?.stop();
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
