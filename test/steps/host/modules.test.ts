import { expect, test } from 'vitest';
import { hostModules } from '../../../src/steps/host/modules.ts';
import { type FakeMachine, fakeContext, Power } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const place = { host: 'vm', cluster: 'cpaas1' };

function world() {
  const loaded = new Set(['overlay']);
  const power = new Power();
  const programs: FakeMachine['programs'] = {
    test: ([, path = '']) => ({ code: loaded.has(path.replace('/sys/module/', '')) ? 0 : 1 }),
    uname: () => '6.1.0\n',
    modprobe: (args) => {
      for (const name of args.slice(1)) {
        if (name === 'nothing')
          return { code: 1, stderr: 'modprobe: FATAL: Module nothing not found in directory /lib/modules/6.1.0\n' };
        power.spend();
        loaded.add(name.replaceAll('-', '_'));
      }
      return '';
    },
  };
  const files = new Map([
    ['/lib/modules/6.1.0/modules.builtin', 'kernel/net/bridge/bridge.ko\nkernel/fs/ext4/ext4.ko\n'],
  ]);
  const machines = { vm: { name: 'vm', programs, files } };
  return { power, machines, dump: () => [...loaded] };
}

stepLaws('host.modules', {
  step: hostModules,
  place,
  world,
  wishes: [
    [['br_netfilter', true]],
    [
      ['overlay', true],
      ['ip-vs', true],
      ['br_netfilter', true],
    ],
  ],
});

test('what is built into the kernel is there', async () => {
  const step = hostModules(place, []);
  const seen = await step.read(fakeContext(world().machines), new Set(['bridge', 'overlay', 'br_netfilter']));
  expect([...seen.keys()]).toEqual(['bridge', 'overlay']);
});
