import { describe, expect, test } from 'vitest';
import { hostSysctl } from '../../../src/steps/host/sysctl.ts';
import { type FakeMachine, fakeContext, Power } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const HOST = 'local';
const place = { host: HOST, cluster: 'cpaas1' };
const FORWARD = 'net.ipv4.ip_forward';

function kernel(settings: Readonly<Record<string, string>>) {
  const files = new Map(Object.entries(settings));
  const power = new Power();
  const programs: FakeMachine['programs'] = {
    cat: ([path = '']) => files.get(path) ?? { code: 1, stderr: `cat: ${path}: No such file or directory\n` },
    sysctl: (args) => {
      for (const setting of args.slice(2)) {
        const [key = '', value = ''] = setting.split('=');
        const path = `/proc/sys/${key.replaceAll('.', '/')}`;
        if (!files.has(path)) return { code: 255, stderr: `sysctl: cannot stat ${path}: No such file or directory\n` };
        power.spend();
        files.set(path, `${value}\n`);
      }
      return '';
    },
  };
  const machines = { [HOST]: { name: 'vm', programs } };
  return { power, machines, dump: () => [...files], ctx: fakeContext(machines) };
}

const world = () => kernel({ '/proc/sys/net/ipv4/ip_forward': '0\n', '/proc/sys/net/ipv4/conf/all/rp_filter': '2\n' });

stepLaws('host.sysctl', {
  step: hostSysctl,
  place,
  world,
  wishes: [
    [[FORWARD, '1']],
    [
      [FORWARD, '1'],
      ['net.ipv4.conf.all.rp_filter', '0'],
    ],
  ],
});

describe('host.sysctl', () => {
  test('sets all in one command', () => {
    const step = hostSysctl(place, [[FORWARD, '1']]);
    const change = { key: FORWARD, from: '0', to: '1', before: '0', cause: 'wanted' } as const;
    expect(step.commands([change])).toEqual([{ argv: ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1'] }]);
    expect(step.describe(change)).toBe('net.ipv4.ip_forward 0 → 1');
    expect(step.risk({ ...change, from: '1', to: '0', cause: 'unwanted' })).toMatchObject({ risk: 'disruptive' });
  });

  test('a setting that the kernel does not have is a conflict, not a failure', async () => {
    const step = hostSysctl(place, [['net.ipv4.no_such', '1']]);
    const seen = await step.read(world().ctx, new Set(step.want.keys()));
    expect(step.claim('net.ipv4.no_such', seen.get('net.ipv4.no_such'), '1', false)).toEqual({
      conflict: 'the kernel of this host has no net.ipv4.no_such',
    });
  });
});
