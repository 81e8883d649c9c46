import { expect, test } from 'vitest';
import { aptInstall, aptUpdate } from '../../../src/host/apt/commands.ts';
import { runApt } from '../../../src/host/apt/run-apt.ts';
import { type Ending, fakeTransport } from '../../helpers/fake-host.ts';

/** A host whose apt answers in turn. */
const host = (...endings: readonly Ending[]) => {
  const left = [...endings];
  return fakeTransport('vm', { name: 'vm', programs: { env: () => left.shift() ?? '' } });
};
const LOCKED = {
  code: 100,
  stderr: 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 815 (unattended-upgr)\n',
};

test("the lock of apt's lists is waited for, and whom for is said", async () => {
  const said: string[] = [];
  const output = await runApt(host(LOCKED, 'done\n'), aptUpdate({}), { progress: (text) => said.push(text) });
  expect(output.stdout).toBe('done\n');
  expect(said).toEqual(["waiting for apt's lock, held by process 815 (unattended-upgr)"]);
});

test.each([
  ['APT.LOCKED', aptUpdate({}), LOCKED],
  ['APT.SOURCE', aptUpdate({}), { code: 100, stderr: 'E: The repository is not signed.\n' }],
  ['APT.MISSING', aptInstall(['jq'], {}), { code: 100, stderr: 'E: Unable to locate package jq\n' }],
  [
    'APT.FAILED',
    aptInstall(['jq'], {}),
    { code: 100, stderr: 'E: Packages need to be removed but remove is disabled.\n' },
  ],
])('%s quotes what apt complains of', async (code, argv, ending) => {
  const running = runApt(host(ending), argv, { progress: () => {}, patience: -1 });
  await expect(running).rejects.toMatchObject({ code, evidence: [{ label: 'apt', text: ending.stderr.trim() }] });
});
