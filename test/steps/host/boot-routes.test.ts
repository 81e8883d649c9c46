import { describe, expect, test } from 'vitest';
import { bootUnits } from '../../../src/host/boot-units.ts';
import { bootRoutes, hostBootRoutes } from '../../../src/steps/host/boot-routes.ts';
import { fakeContext } from '../../helpers/fake-host.ts';
import { FakeSystemd } from '../../helpers/fake-systemd.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const HOST = 'local';
const PROGRAM = ['/usr/bin/node', '/opt/cpaas/bin/cpaas.js'];
const TIMER = 'cpaas-routes-site1.timer';
const FOREIGN = {
  '/etc/systemd/system/cpaas-routes-other.timer': '# cpaas:other\n',
  '/usr/bin/node': '',
  '/opt/cpaas/bin/cpaas.js': '',
};
const place = { host: HOST, cluster: 'site1', timer: TIMER, needs: PROGRAM };

const wish = (stateDir = '/var/lib/cpaas') => {
  const { service, timer } = bootUnits('site1', { program: PROGRAM, stateDir, user: 'ops' });
  return bootRoutes([service, timer], PROGRAM);
};
const world = (files: Readonly<Record<string, string>> = FOREIGN, options = {}) => {
  const systemd = new FakeSystemd(files, options);
  return {
    power: systemd.power,
    machines: { [HOST]: systemd.machine },
    dump: () => systemd.dump(),
    files: systemd.files,
  };
};

stepLaws('host.boot-routes', {
  step: hostBootRoutes,
  place,
  world,
  verbatim: false,
  wishes: [wish(), wish('/srv/state')],
  foreign: ({ machines }) => machines[HOST]?.files?.get('/etc/systemd/system/cpaas-routes-other.timer'),
});

const conflicts = async (found: ReturnType<typeof world>) => {
  const step = hostBootRoutes(place, wish());
  const seen = await step.read(fakeContext(found.machines), new Set(step.want.keys()));
  return [...step.want].flatMap(([key, want]) => {
    const there = seen.get(key);
    const claim = there?.value === want ? 'leave' : step.claim(key, there, want, there?.mark === 'ours');
    return typeof claim === 'object' ? [claim.conflict] : [];
  });
};

describe('host.boot-routes', () => {
  test('installs the units, then lets systemd read them, then starts the timer; undone backwards', () => {
    const step = hostBootRoutes(place, wish());
    const changes = [...step.want]
      .slice(3)
      .map(([key, to]) => ({ key, from: undefined, to, before: undefined, cause: 'wanted' }) as const);
    expect(step.commands(changes).map(({ argv }) => argv.join(' '))).toMatchInlineSnapshot(`
      [
        "install -m 0644 /dev/stdin /etc/systemd/system/cpaas-routes-site1.service",
        "install -m 0644 /dev/stdin /etc/systemd/system/cpaas-routes-site1.timer",
        "systemctl daemon-reload",
        "systemctl enable --now cpaas-routes-site1.timer",
      ]
    `);
    const back = changes.map(
      ({ key, to }) => ({ key, from: to, to: undefined, before: undefined, cause: 'unwanted' }) as const,
    );
    expect(step.commands(back).map(({ argv }) => argv.join(' '))).toMatchInlineSnapshot(`
      [
        "systemctl disable --now cpaas-routes-site1.timer",
        "rm -f /etc/systemd/system/cpaas-routes-site1.service /etc/systemd/system/cpaas-routes-site1.timer",
        "systemctl daemon-reload",
      ]
    `);
  });

  test('a timer that runs is stopped before its units change: a write that is cut off leaves it to be started', () => {
    const change = { key: TIMER, from: 'old', to: 'new', before: undefined, cause: 'wanted' } as const;
    expect(
      hostBootRoutes(place, wish())
        .commands([change])
        .map(({ argv }) => argv.join(' ')),
    ).toEqual([
      `systemctl stop ${TIMER}`,
      `install -m 0644 /dev/stdin /etc/systemd/system/${TIMER}`,
      'systemctl daemon-reload',
      `systemctl enable --now ${TIMER}`,
    ]);
  });

  test('a host without systemd is a conflict that says so, and nothing else is', async () => {
    expect(await conflicts(world(FOREIGN, { booted: false }))).toEqual([
      'this host has no systemd: nothing would set its routes after a start',
    ]);
  });

  test('a host without cpaas is a conflict: the unit would call what is not there', async () => {
    expect(await conflicts(world({}))).toEqual([
      'this host has no /usr/bin/node, which the units would call: cpaas must be there',
      'this host has no /opt/cpaas/bin/cpaas.js, which the units would call: cpaas must be there',
    ]);
  });

  test("a unit of somebody else's stays", async () => {
    const theirs = { ...FOREIGN, [`/etc/systemd/system/${TIMER}`]: '[Timer]\n' };
    expect(await conflicts(world(theirs))).toEqual([`/etc/systemd/system/${TIMER} is somebody else's`]);
  });
});
