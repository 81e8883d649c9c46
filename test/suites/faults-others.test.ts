import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Workspace } from '../helpers/cpaas.ts';
import { expectDump, settledDump } from '../helpers/dumps.ts';
import { beforeCells, duringCell } from '../helpers/fault-cells.ts';
import { FaultTable } from '../helpers/fault-table.ts';
import { endsWell, learn, learnPeerAndRollback, type Victim } from '../helpers/kill-cells.ts';
import { noLab } from '../helpers/lab.ts';
import { labFaults } from '../helpers/lab-faults.ts';

const lab = new Workspace('lab-vm.yaml', 'faults-b', ({ provider }) => {
  Object.assign(provider.lab, { servers: 1, agents: 0 });
});
const UNPEER = ['bgp', 'unpeer', '--confirm', lab.name];
const table = new FaultTable();
const { api, apiDuring, unit, full, signals, proxy } = labFaults(lab);

describe.skipIf(noLab).sequential('faults of the world', () => {
  let peer: Victim;
  let rollback: Victim;
  let sync: Victim;
  let stopProxy = (): void => {};

  /** What a reboot does to the routes. */
  async function withoutRoutes(): Promise<void> {
    await lab.inside('vm', 'ip', 'route', 'flush', 'proto', '201');
  }

  beforeAll(async () => {
    lab.warm = true;
    ({ peer, rollback } = await learnPeerAndRollback(lab));
    stopProxy = proxy();
  });

  afterAll(async () => {
    table.print();
    stopProxy();
    await lab.remove();
  });

  test('before anything is changed', async () => {
    await beforeCells(lab, peer, api, table);
    await beforeCells(lab, rollback, api, table);
  }, 600_000);

  test.each([...apiDuring, ...unit, full, ...signals.slice(1, 2)])(
    '$name',
    async (fault) => {
      await duringCell(lab, peer, fault, table);
      // one run has made it all: what was struck and what went on from there are two
      await endsWell(lab, ...UNPEER);
      await endsWell(lab, 'bgp', 'peer');
      await duringCell(lab, rollback, fault, table);
    },
    600_000,
  );

  test('while routes are put right', async () => {
    await endsWell(lab, 'up');
    const to = await settledDump(lab);
    await withoutRoutes();
    sync = await learn(lab, 'routes sync', ['routes', 'sync'], await settledDump(lab), withoutRoutes);
    expect(sync.to).toEqual(to);
    await withoutRoutes();
    await beforeCells(lab, sync, api, table);
    for (const fault of signals) {
      await withoutRoutes();
      await expectDump(lab, sync.from);
      // its one step is seen to its end, and then nothing is left to do
      await duringCell(lab, sync, { ...fault, code: 0 }, table);
    }
  }, 600_000);
});
