import { expect, test } from 'vitest';
import { reconcile } from '../../../src/core/reconcile.ts';
import { file, folder } from '../../../src/host/files.ts';
import { hostFiles } from '../../../src/steps/host/files.ts';
import { fakeDebian } from '../../helpers/fake-debian.ts';
import { fakeContext } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const place = { host: 'vm', set: 'calico', title: 'Files', replace: true };
const world = () => fakeDebian('vm', { files: { '/etc/theirs.conf': 'theirs\n', '/etc/other': 'other\n' } });
const CFG = file('/etc/calico/calicoctl.cfg', 'kind: CalicoAPIConfig\n', '600');

stepLaws('host.files', {
  step: hostFiles,
  place,
  world,
  // a file is written whole, which the command that plan prints is not
  verbatim: false,
  wishes: [
    [folder('/etc/calico/'), CFG],
    [folder('/etc/calico/'), file('/etc/calico/calicoctl.cfg', 'other\n'), file('/etc/theirs.conf', 'ours\n')],
  ],
  foreign: ({ dump }) => JSON.stringify(dump()).includes('"/etc/other"'),
});

const seen = async (step: ReturnType<typeof hostFiles>, found = world()) =>
  reconcile(step, await step.read(fakeContext(found.machines), new Set(step.want.keys())), new Map());

test('prints a command for each, folders first', () => {
  const step = hostFiles(place, [CFG, folder('/etc/calico/')]);
  const changes = [...step.want].map(
    ([key, to]) => ({ key, from: undefined, to, before: undefined, cause: 'wanted' }) as const,
  );
  expect(step.commands(changes)).toEqual([
    { argv: ['mkdir', '-p', '-m', '755', '--', '/etc/calico/'] },
    { argv: ['install', '-m', '600', '/dev/stdin', '/etc/calico/calicoctl.cfg'], stdin: 'kind: CalicoAPIConfig\n' },
  ]);
});

test("somebody else's file is a conflict unless it may be replaced; his folder will do", async () => {
  const wish = [file('/etc/theirs.conf', 'ours\n'), folder('/etc/', '700')];
  const { conflicts, changes } = await seen(hostFiles({ host: 'vm', set: 'a', title: 'Files' }, wish));
  expect(conflicts).toEqual([
    { key: '/etc/theirs.conf', why: "/etc/theirs.conf is there already, with other content, and is not cpaas's" },
  ]);
  expect(changes).toEqual([]);
  const where = await seen(hostFiles(place, [file('/etc', 'x'), folder('/etc/other/')]));
  expect(where.conflicts.map(({ why }) => why)).toEqual(['/etc is a folder', '/etc/other/ is a file']);
});

test('what a service reads makes it start again, which disturbs when it runs', () => {
  const step = (running: boolean) => hostFiles({ ...place, restart: 'containerd.service', running }, [CFG]);
  const change = { key: CFG[0], from: undefined, to: CFG[1], before: undefined, cause: 'wanted' } as const;
  expect(step(true).risk(change)).toEqual({ risk: 'disruptive', why: 'containerd.service starts again' });
  expect(step(false).risk(change)).toEqual({ risk: 'additive' });
  expect(step(true).close?.commands).toEqual([{ argv: ['systemctl', 'try-restart', 'containerd.service'] }]);
  expect(hostFiles(place, [CFG]).close).toBeUndefined();
});

test('a file that cannot be read is no missing file', async () => {
  const denied = { code: 1, stderr: "stat: cannot statx '/etc/a': Permission denied\n" };
  const machines = { vm: { name: 'vm', programs: { env: () => denied } } };
  const step = hostFiles(place, [file('/etc/a', '')]);
  await expect(step.read(fakeContext(machines), new Set(['/etc/a']))).rejects.toMatchObject({ code: 'HOST.FILE' });
});
