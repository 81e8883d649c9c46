import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Workspace } from '../helpers/cpaas.ts';
import { bareLab, settledDump } from '../helpers/dumps.ts';
import { FaultTable } from '../helpers/fault-table.ts';
import { cells, endsWell, learn, MOMENTS, type Victim } from '../helpers/kill-cells.ts';
import { noLab } from '../helpers/lab.ts';

const lab = new Workspace('lab-vm.yaml', 'kill-a', ({ provider }) => {
  Object.assign(provider.lab, { servers: 1, agents: 0 });
});
const DOWN = ['down', '--confirm', lab.name];
const table = new FaultTable();

describe.skipIf(noLab).sequential('kill -9', () => {
  let up: Victim;
  let sync: Victim;
  let down: Victim;

  /** What a reboot does to the routes. */
  async function withoutRoutes(): Promise<void> {
    await lab.inside('vm', 'ip', 'route', 'flush', 'proto', '201');
  }

  beforeAll(async () => {
    lab.warm = true;
    const bare = await bareLab(lab);
    up = await learn(lab, 'up', ['up'], bare, () => endsWell(lab, ...DOWN));
    await withoutRoutes();
    const routeless = await settledDump(lab);
    sync = await learn(lab, 'routes sync', ['routes', 'sync'], routeless, withoutRoutes);
    down = await learn(lab, 'down', DOWN, up.to, () => endsWell(lab, 'up'));
    expect({ ...sync.to, ...down.to }).toEqual({ ...up.to, ...bare });
  });

  afterAll(async () => {
    table.print();
    await lab.remove();
  });

  test.each(MOMENTS)(
    '%s',
    async (moment) => {
      await cells(lab, up, moment, table);
      if (sync.moments.get(moment)?.length) {
        await withoutRoutes();
        await cells(lab, sync, moment, table);
      }
      await cells(lab, down, moment, table);
    },
    3_600_000,
  );
});
