import { existsSync, readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { labLayout } from '../../src/lab/layout.ts';
import { due, Workspace } from '../helpers/cpaas.ts';
import { noLab, until } from '../helpers/lab.ts';

const lab = new Workspace('lab-vm.yaml', 'suite-owner', ({ provider }) => {
  Object.assign(provider.lab, { servers: 1, agents: 0 });
});
const { root, state } = labLayout(lab.name);
lab.warm = true;
afterAll(() => lab.remove());

async function kill(): Promise<void> {
  const { supervisor } = JSON.parse(readFileSync(state, 'utf8')) as { supervisor: number };
  process.kill(supervisor, 'SIGKILL');
  await until(async () => !existsSync(`/proc/${supervisor}`));
}

test.skipIf(noLab)('a lab whose supervisor was killed is named, started again, and removed', async () => {
  expect((await lab.up('-y')).code).toBe(0);
  await kill();
  expect(due(await lab.status())).toEqual(['here lab.machines: processes (drift)']);
  expect((await lab.up('-y')).code).toBe(0);
  await kill();
  expect((await lab.down()).code).toBe(0);
  expect(existsSync(root)).toBe(false);
});

test.skipIf(noLab)('a lab that somebody made again by hand stays with down, and is adopted where asked', async () => {
  expect((await lab.up('-y')).code).toBe(0);
  await lab.run('lab', 'down');
  await lab.run('lab', 'up');
  expect((await lab.down()).code).toBe(0);
  expect(existsSync(state)).toBe(true);
  expect((await lab.up('-y', '--adopt')).code).toBe(0);
  expect((await lab.down()).code).toBe(0);
  expect(existsSync(root)).toBe(false);
});

test.skipIf(noLab)(
  'what somebody made in a lab that he made again stays with down, whatever the old one had',
  async () => {
    const self = 'tmsh list net self internal allow-service';
    const closed = 'tmsh modify net self internal allow-service none';
    expect((await lab.run('lab', 'up')).code).toBe(0);
    const first = await lab.unit('bigip1', self);
    await lab.unit('bigip1', closed);
    expect((await lab.up('-y')).code).toBe(0);
    await lab.run('lab', 'down');
    await lab.run('lab', 'up');
    expect((await lab.up('-y')).code).toBe(0);
    expect((await lab.down()).code).toBe(0);
    expect(await lab.unit('bigip1', self)).toBe(first);
  },
);
