import { expect, test } from 'vitest';
import { hostSwap, noSwap } from '../../../src/steps/host/swap.ts';
import { type FakeMachine, Power } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const FSTAB = `# /etc/fstab: static file system information.
UUID=1234 /     ext4 errors=remount-ro 0 1
/swap.img\tnone\tswap\tsw\t0\t0
UUID=5678 none  swap sw,pri=5 0 0
# /old.img none swap sw 0 0
`;

function world() {
  const areas = new Set(['/dev/sda2', '/swap.img']);
  const power = new Power();
  const files = new Map([['/etc/fstab', FSTAB]]);
  const programs: FakeMachine['programs'] = {
    cat: ([path = '']) =>
      path === '/etc/fstab'
        ? (files.get(path) ?? '')
        : `Filename\tType\tSize\tUsed\tPriority\n${[...areas].map((each) => `${each} partition\t1024\t0\t-2\n`).join('')}`,
    swapoff: (going) => {
      const strange = going.find((area) => !areas.has(area));
      if (strange) return { code: 255, stderr: `swapoff: ${strange}: swapoff failed: Invalid argument\n` };
      power.spend();
      for (const area of going) areas.delete(area);
      return '';
    },
    swapon: (coming) => {
      const busy = coming.find((area) => areas.has(area));
      if (busy) return { code: 255, stderr: `swapon: ${busy}: swapon failed: Device or resource busy\n` };
      power.spend();
      for (const area of coming) areas.add(area);
      return '';
    },
  };
  const machines = { vm: { name: 'vm', programs, files } };
  return { power, machines, dump: () => [[...areas].toSorted(), files.get('/etc/fstab')] };
}

stepLaws('host.swap', {
  step: hostSwap,
  place: { host: 'vm' },
  world,
  // fstab is written whole, which the commands that plan prints do line by line
  verbatim: false,
  wishes: [noSwap],
});

test('says what goes off, and what plan prints does it', () => {
  const step = hostSwap({ host: 'vm' }, noSwap);
  const areas = { key: 'in use', from: ['/swap.img'], to: [], before: ['/swap.img'], cause: 'wanted' } as const;
  expect(step.describe(areas)).toBe('in use: /swap.img off');
  expect(step.risk(areas)).toEqual({ risk: 'disruptive', why: 'what is in swap must fit into memory' });
  expect(step.commands([areas])).toEqual([{ argv: ['swapoff', '/swap.img'] }]);
  const lines = { ...areas, key: '/etc/fstab', from: ['/swap.img none swap sw 0 0'], before: undefined } as const;
  expect(step.commands([lines])).toEqual([
    { argv: ['sed', '-i', '\\|^/swap.img none swap sw 0 0$|s/^/# off for kubeadm, by cpaas: /', '/etc/fstab'] },
  ]);
});
