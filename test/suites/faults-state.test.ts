import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ranInto, stoppedIn } from '../helpers/boundaries.ts';
import { expectWhole, Workspace } from '../helpers/cpaas.ts';
import { bareLab, expectDump } from '../helpers/dumps.ts';
import { FaultTable } from '../helpers/fault-table.ts';
import { endsWell, learn, type Victim } from '../helpers/kill-cells.ts';
import { noLab } from '../helpers/lab.ts';

const lab = new Workspace('lab-vm.yaml', 'faults-c', ({ provider }) => {
  Object.assign(provider.lab, { servers: 1, agents: 0 });
});
const DOWN = ['down', '--confirm', lab.name];
const COMMANDS: readonly (readonly string[])[] = [
  DOWN,
  ['rollback', '--confirm', lab.name],
  ['bgp', 'unpeer', '--confirm', lab.name],
  ['routes', 'clear', '-y'],
];
const folder = join(lab.state, lab.name);
const table = new FaultTable();

const verbOf = (args: readonly string[]): string =>
  args
    .slice(
      0,
      args.findIndex((word) => word.startsWith('-')),
    )
    .join(' ');

/** The state folder is another file system meanwhile, with what was in it. */
async function onItsOwnDisk(act: (disk: string) => Promise<void>): Promise<void> {
  const copy = join(lab.folder, 'copy');
  await execa('cp', ['-a', folder, copy]);
  await execa('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
  try {
    await execa('cp', ['-a', `${copy}/.`, folder]);
    await act(folder);
  } finally {
    await execa('umount', [folder]);
    await execa('rm', ['-r', copy]);
  }
}

describe.skipIf(noLab).sequential('faults of the state', () => {
  let up: Victim;

  beforeAll(async () => {
    lab.warm = true;
    up = await learn(lab, 'up', ['up'], await bareLab(lab), () => endsWell(lab, ...DOWN));
  });

  afterAll(async () => {
    table.print();
    await lab.remove();
  });

  test.each([
    ['disk of the state full', ['sh', '-c', 'cat /dev/zero >"$0/filler" || true']],
    ['state folder read-only', ['mount', '-o', 'remount,ro']],
  ])('%s: nothing is changed', async (fault, [program = '', ...words]) => {
    const journal = lab.journal();
    await onItsOwnDisk(async (disk) => {
      await execa(program, [...words, disk], { stderr: 'ignore' });
      for (const args of COMMANDS) {
        const { code, stderr, stdout } = await lab.run(...args, '-o', 'json');
        expect({ args, code, said: `${stdout}${stderr}` }).toEqual({
          ...{ args, code: 2, said: expect.stringContaining('STATE.WRITE') },
        });
        table.note(verbOf(args), fault, 'nothing', 'as before');
      }
      expect((await lab.run('status')).code).toBe(0);
      await expectDump(lab, up.to);
    });
    expect(lab.journal()).toBe(journal);
  });

  test('once there is room again, all of it goes on', async () => {
    await endsWell(lab, ...DOWN);
    await expectDump(lab, up.from);
    table.note('down', 'each of these over', 'down', 'as promised');
  });

  test('a reader of what up says that has seen enough ends nothing', async () => {
    const cpaas = [process.execPath, join(import.meta.dirname, '../../bin/cpaas.js'), '-f', lab.file];
    const words = [...cpaas, '--state-dir', lab.state, 'up', '-v', '--progress', 'plain'];
    await execa('sh', ['-c', '"$@" 2>&1 | head -1', 'sh', ...words]);
    await expectDump(lab, up.to);
    table.note('up', 'SIGPIPE', 'nothing', 'as promised');
    await endsWell(lab, ...DOWN);
    await expectDump(lab, up.from);
  });

  test('while a run is at work reading waits for no lock, and another run is told who has it', async () => {
    const running = ranInto(lab, up.moments.get('before the read-back')?.[0], { signal: 'SIGSTOP' }, ['up']);
    const pid = await stoppedIn(lab);
    for (const verb of ['plan', 'status', 'verify', 'runs'])
      expect({ verb, code: (await lab.run(verb)).code }).toEqual({ verb, code: expect.toBeOneOf([0, 5]) });
    for (const args of [['up', '-y'], ...COMMANDS]) {
      const { code, stdout, stderr } = await lab.run(...args, '-o', 'json');
      expect({ args, code, said: `${stdout}${stderr}` }).toEqual({
        ...{ args, code: 2, said: expect.stringMatching(new RegExp(`LOCK\\.HELD[\\s\\S]*${pid}`)) },
      });
      table.note(verbOf(args), 'another run at work', 'nothing', 'as before');
    }
    process.kill(pid, 'SIGCONT');
    expect(await running).toMatchObject({ code: 0 });
    expectWhole(await lab.verify());
    await endsWell(lab, ...DOWN);
    await expectDump(lab, up.from);
  });

  test('a unit on which another machine is at work: its lease is told, and expires', async () => {
    lab.edit(({ routers: [router] }) => {
      if (router) router.bigip = { ...router.bigip, revertAfter: 20 };
    });
    const at = up.moments.get('in the middle of the change')?.find(({ step }) => step?.startsWith('bigip.bgp'));
    lab.by = ['unshare', '--uts', 'sh', '-c', 'hostname elsewhere; exec "$@"', 'sh'];
    const elsewhere = Object.assign(Object.create(lab) as Workspace, { state: join(lab.folder, 'elsewhere') });
    expect((await ranInto(elsewhere, at, { signal: 'SIGKILL' }, ['up'])).code).toBe(-1);
    lab.by = [];
    const held = await lab.run('up', '--only', 'Routers', '-o', 'json');
    expect({ code: held.code, said: `${held.stdout}${held.stderr}` }).toEqual({
      ...{ code: 2, said: expect.stringMatching(/BGP\.HELD[\s\S]*elsewhere/) },
    });
    table.note('up', 'another machine at work on the unit', 'nothing', 'as before');
    await vi.waitUntil(async () => (await lab.run('up')).code === 0, { timeout: 120_000, interval: 1000 });
    table.note('up', 'another machine at work on the unit', 'up', 'as promised');
  });
});
