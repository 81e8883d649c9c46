import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Workspace } from '../helpers/cpaas.ts';
import { noLab, until } from '../helpers/lab.ts';
import { expectApplied } from '../helpers/outcomes.ts';

/** Seconds until the unit takes back what nobody confirms: as few as a file may ask for. */
const REVERT_AFTER = 5;

const lab = new Workspace('lab-vm.yaml', 'i4-kill', (spec) => {
  Object.assign(spec.provider.lab, { servers: 1, agents: 0 });
});
const say = (session: Readonly<Record<string, unknown>>, revertAfter: number) =>
  lab.edit(({ routers: [router] }) => {
    Object.assign(router ?? {}, { session, bigip: { ...router?.bigip, revertAfter } });
  });
const SESSION = { keepalive: 10, hold: 30, maximumPrefixes: 64, announce: 'nothing' };
const PEER = ['bgp', 'peer', '--no-cluster', '-y', '--progress', 'json'];

/** What is in force, and how the last revert ended, once none is at work any more. */
async function settled(): Promise<{ readonly outcome: string; readonly shown: string }> {
  let said = '';
  await until(async () => {
    const folder = '/var/tmp/cpaas-bgp-rd0';
    said = await lab.unit('bigip1', `ls ${folder} || cat ${folder}.last/outcome`, 'imish -e "show running-config"');
    return !/^(armed|fired|guard)$/m.test(said) && said.includes('router bgp');
  });
  const [outcome = '', ...shown] = said.split('\n');
  return { outcome, shown: shown.join('\n') };
}

/** Runs until the unit has accepted so many lines of the push, and does then what is asked. Resolves with how many lines there are. */
async function atLine(count: number, act: (run: ReturnType<Workspace['start']>) => unknown): Promise<number> {
  const run = lab.start(PEER);
  let said = '';
  let lines = 0;
  let done: unknown;
  run.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
    const [, typed, all] = [...said.matchAll(/"text":"(\d+) of (\d+) lines/g)].at(-1) ?? [];
    if (lines > 0 || Number(typed ?? -1) < count) return;
    lines = Number(all);
    done = act(run);
  });
  await run;
  await done;
  return lines;
}

describe.skipIf(noLab).sequential('cpaas killed between any two lines of a push', () => {
  let first = '';
  beforeAll(async () => {
    expectApplied(await lab.up());
    first = await lab.unit('bigip1', 'imish -e "show running-config"');
    say(SESSION, REVERT_AFTER);
  });
  afterAll(() => lab.remove());

  test('leaves a unit that is back in its first state in time, every time', async () => {
    let lines = 1;
    for (let line = 1; line <= lines; line++) {
      lines = await atLine(line, (run) => run.kill('SIGKILL'));
      expect({ line, ...(await settled()) }).toEqual({ line, outcome: 'reverted', shown: first });
    }
    expect(lines).toBeGreaterThan(4);
  }, 300_000);

  test('and two at a time are told of each other', async () => {
    say(SESSION, 60);
    let second = '';
    await atLine(3, async (run) => {
      run.kill('SIGSTOP');
      second = (await lab.start([...PEER, '--state-dir', `${lab.state}-other`, '-o', 'json'])).stdout;
      run.kill('SIGKILL');
    });
    expect(second).toContain('"code": "BGP.HELD"');
    expect(second).toMatch(/held by another cpaas: process \d+ of root/);
  });

  test('and the next run takes that back at once, and does what the file says', async () => {
    const { code, stderr } = await lab.run(...PEER);
    expect(code, stderr).toBe(0);
    const shown = await lab.unit('bigip1', 'imish -e "show running-config"');
    expect(shown).toContain('neighbor calico-k8s timers 10 30');
    expect(shown).toContain('prefix-list cpaas-i4-kill-nothing out');
  });
});
