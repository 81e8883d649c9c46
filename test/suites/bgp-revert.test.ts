import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../../src/core/events.ts';
import { Workspace } from '../helpers/cpaas.ts';
import { noLab, until } from '../helpers/lab.ts';
import { expectApplied, expectUnchanged } from '../helpers/outcomes.ts';

const lab = new Workspace('lab-vm.yaml', 'i4a-revert', (spec) => {
  spec.provider.lab['agents'] = 1;
});

const running = () => lab.unit('bigip1', 'imish -e "show running-config"');
/** What is in force, and whether a revert is armed, at one moment. */
async function standing() {
  const [armed = '', shown] = (
    await lab.unit('bigip1', 'ls -x /var/tmp/cpaas-bgp-rd0 2>&1; echo ----', 'imish -e "show running-config"')
  ).split('----\n');
  return { armed: armed.includes('armed'), shown };
}
const inGroup = (peerGroup: string, revertAfter: number) =>
  lab.edit(({ routers: [router] }) => {
    if (router) router.bigip = { ...router.bigip, peerGroup, revertAfter };
  });

/** Ends cpaas without a word as soon as the unit has taken lines that change something: the first only enters `router bgp`. */
async function killedInTheMiddle(): Promise<void> {
  const run = lab.start(['up', '--confirm', lab.name, '--progress', 'json']);
  let said = '';
  run.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
    const events = said
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Event);
    if (events.some((event) => event.type === 'step.progress' && /^[2-9] of \d+ lines/.test(event.text)))
      run.kill('SIGKILL');
  });
  expect((await run).signal).toBe('SIGKILL');
}

describe.skipIf(noLab).sequential('a cpaas that is killed while it types', () => {
  let first = '';
  beforeAll(async () => {
    expectApplied(await lab.up());
    first = await running();
  });
  afterAll(() => lab.remove());

  test('leaves a unit that goes back by itself', async () => {
    inGroup('nodes', 12);
    await killedInTheMiddle();
    const left = await standing();
    expect(left.armed).toBe(true);
    expect(left.shown).not.toBe(first);
    await until(async () => !(await standing()).armed);
    await until(async () => (await running()) === first);
  });

  test('is followed by one that does what the file says', async () => {
    expectApplied(await lab.up('--confirm', lab.name));
    expect(await running()).toBe(first.replaceAll('calico-k8s', 'nodes'));
    expectUnchanged(await lab.up());
  });

  test('is followed at once by one that takes its change back first, long before its time is over', async () => {
    inGroup('calico-k8s', 3600);
    await killedInTheMiddle();
    expect(await standing()).toMatchObject({ armed: true });
    expectApplied(await lab.up('--confirm', lab.name));
    expect(await standing()).toEqual({ armed: false, shown: first });
  });

  test('can be followed by down', async () => {
    inGroup('nodes', 3600);
    await killedInTheMiddle();
    expectApplied(await lab.down());
  });
});
