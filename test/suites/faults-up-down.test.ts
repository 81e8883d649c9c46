import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Workspace } from '../helpers/cpaas.ts';
import { bareLab } from '../helpers/dumps.ts';
import { beforeCells, duringCell, meets } from '../helpers/fault-cells.ts';
import { FaultTable } from '../helpers/fault-table.ts';
import { endsWell, learn, type Victim } from '../helpers/kill-cells.ts';
import { noLab } from '../helpers/lab.ts';
import { labFaults } from '../helpers/lab-faults.ts';

const lab = new Workspace('lab-vm.yaml', 'faults-a', ({ provider }) => {
  Object.assign(provider.lab, { servers: 1, agents: 0 });
});
const DOWN = ['down', '--confirm', lab.name];
const table = new FaultTable();
const { api, apiDuring, slow, clock, torn, unit, signals, node, proxy } = labFaults(lab);

describe.skipIf(noLab).sequential('faults of the world', () => {
  let up: Victim;
  let down: Victim;
  let stopProxy = (): void => {};

  beforeAll(async () => {
    lab.warm = true;
    const bare = await bareLab(lab);
    up = await learn(lab, 'up', ['up'], bare, () => endsWell(lab, ...DOWN));
    down = await learn(lab, 'down', DOWN, up.to, () => endsWell(lab, 'up'));
    expect(down.to).toEqual(bare);
    stopProxy = proxy();
  });

  afterAll(async () => {
    table.print();
    stopProxy();
    await lab.remove();
  });

  test('before anything is changed', async () => {
    await beforeCells(lab, up, api, table);
    await endsWell(lab, ...DOWN);
  }, 600_000);

  // nothing stops the rest of a down
  test.each(api)(
    '$name: what a down can do without it is done',
    async (fault) => {
      await endsWell(lab, 'up');
      await duringCell(lab, down, fault, table);
    },
    600_000,
  );

  test.each([...apiDuring, ...unit, ...signals, slow, clock, torn])(
    '$name',
    async (fault) => {
      for (const victim of [up, down])
        if (meets(victim, fault)) await duringCell(lab, victim, fault, table);
        else await endsWell(lab, ...victim.args);
    },
    600_000,
  );

  test('a node that is gone is waited for by up, and by no down', async () => {
    await duringCell(lab, up, node, table);
    await duringCell(lab, down, { ...node, code: 0, tells: /^$/ }, table);
  }, 600_000);
});
