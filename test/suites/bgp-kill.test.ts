import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { killAt, ranInto, stoppedIn, typed } from '../helpers/boundaries.ts';
import { Workspace } from '../helpers/cpaas.ts';
import { noLab, until } from '../helpers/lab.ts';
import { expectApplied, expectUnchanged } from '../helpers/outcomes.ts';

/** Seconds until the unit takes back what nobody confirms: as few as a file may ask for. */
const REVERT_AFTER = 5;
/** Of which nobody waits for the end. */
const LONG = 3600;

const lab = new Workspace('lab-vm.yaml', 'i4-kill', (spec) => {
  Object.assign(spec.provider.lab, { servers: 1, agents: 0 });
});
/** What the file says of the router besides. */
const say = (words: Readonly<Record<string, unknown>>, bigip: Readonly<Record<string, unknown>>) =>
  lab.edit(({ routers: [router] }) => {
    Object.assign(router ?? {}, words, { bigip: { ...router?.bigip, ...bigip } });
  });
const SESSION = { keepalive: 10, hold: 30, maximumPrefixes: 64, announce: 'nothing' };
const PEER = ['bgp', 'peer', '--no-cluster', '-y'];

const FOLDER = '/var/tmp/cpaas-bgp-rd0';
const running = () => lab.unit('bigip1', 'imish -e "show running-config"');
/** What is in force, and whether a revert is armed, at one moment. */
async function standing() {
  const said = await lab.unit('bigip1', `ls -x ${FOLDER} 2>&1; echo ----`, 'imish -e "show running-config"');
  const [armed = '', shown] = said.split('----\n');
  return { armed: armed.includes('armed'), shown };
}
/** What is in force once no revert is at work any more. */
async function settled(): Promise<string | undefined> {
  const wait = { timeout: 60_000, interval: 500 };
  await vi.waitUntil(async () => (await lab.unit('bigip1', `ls -d ${FOLDER} 2>&1`)).includes('No such file'), wait);
  let shown = '';
  await until(async () => {
    shown = await running();
    return shown.includes('router bgp');
  });
  return shown;
}

beforeAll(async () => {
  if (!noLab) expectApplied(await lab.up());
});
afterAll(() => lab.remove());

describe.skipIf(noLab).sequential('cpaas killed between any two things that a push sends', () => {
  test('leaves a unit that is back in its first state in time, every time', async () => {
    const first = await running();
    say({ session: SESSION }, { revertAfter: REVERT_AFTER });
    let changes = 1;
    for (; ; changes++) {
      const { code } = await ranInto(lab, { when: 'sends', window: 'intent', changes }, { signal: 'SIGKILL' }, PEER);
      if (code === 0) break;
      expect({ changes, code, shown: await settled() }).toEqual({ changes, code: -1, shown: first });
    }
    expect(changes).toBeGreaterThan(7);
    expectApplied(await lab.document('rollback', '-y'));
    expect(await running()).toBe(first);
  });

  test('and two at a time are told of each other', async () => {
    say({}, { revertAfter: 60 });
    const run = ranInto(lab, { when: 'sends', window: 'intent', changes: 4 }, { signal: 'SIGSTOP' }, PEER);
    const pid = await stoppedIn(lab);
    const { stdout } = await lab.start([...PEER, '--state-dir', `${lab.state}-other`, '-o', 'json']);
    process.kill(pid, 'SIGKILL');
    await run;
    expect(stdout).toContain('"code": "BGP.HELD"');
    expect(stdout).toMatch(/held by another cpaas: process \d+ of root/);
  });

  test('and the next run takes that back at once, and does what the file says', async () => {
    const { code, stderr } = await lab.run(...PEER);
    expect(code, stderr).toBe(0);
    const shown = await running();
    expect(shown).toContain('neighbor calico-k8s timers 10 30');
    expect(shown).toContain('prefix-list cpaas-i4-kill-nothing out');
  });
});

describe.skipIf(noLab).sequential('a cpaas that is killed while it types another group', () => {
  let first = '';
  beforeAll(async () => {
    first = await running();
  });
  const killedInTheMiddle = (peerGroup: string) =>
    killAt(lab, typed(`neighbor ${peerGroup} remote-as 64512`), 'up', '--confirm', lab.name);

  test('leaves a unit that goes back by itself', async () => {
    say({}, { peerGroup: 'nodes', revertAfter: 15 });
    await killedInTheMiddle('nodes');
    const left = await standing();
    expect(left.armed).toBe(true);
    expect(left.shown).not.toBe(first);
    expect(await settled()).toBe(first);
  });

  test('is followed by one that does what the file says', async () => {
    expectApplied(await lab.up('--confirm', lab.name));
    expect(await running()).toBe(first.replaceAll('calico-k8s', 'nodes'));
    expectUnchanged(await lab.up());
  });

  test('is followed at once by one that takes its change back first, long before its time is over', async () => {
    say({}, { peerGroup: 'calico-k8s', revertAfter: LONG });
    await killedInTheMiddle('calico-k8s');
    expect(await standing()).toMatchObject({ armed: true });
    expectApplied(await lab.up('--confirm', lab.name));
    expect(await standing()).toEqual({ armed: false, shown: first });
  });

  test('can be followed by down', async () => {
    say({}, { peerGroup: 'nodes', revertAfter: LONG });
    await killedInTheMiddle('nodes');
    expectApplied(await lab.down());
  });
});
