import { expect, test } from 'vitest';
import { hostServices, running } from '../../../src/steps/host/services.ts';
import { fakeDebian } from '../../helpers/fake-debian.ts';
import { fakeContext } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const place = { host: 'vm', set: 'docker', title: 'Services' };
const world = () =>
  fakeDebian('vm', {
    services: {
      'docker.service': { enabled: false, active: false },
      'containerd.service': { enabled: true, active: false },
      'ssh.service': { enabled: true, active: true },
    },
  });

stepLaws('host.services', {
  step: hostServices,
  place,
  world,
  wishes: [
    running('docker.service'),
    [...running('docker.service'), ...running('containerd.service'), ...running('ssh.service')],
    [['docker.service started', true]],
  ],
});

test('does what is left to do, and says so', () => {
  const step = hostServices(place, running('containerd.service'));
  const change = {
    key: 'containerd.service started',
    from: undefined,
    to: true,
    before: undefined,
    cause: 'wanted',
  } as const;
  expect(step.commands([change])).toEqual([{ argv: ['systemctl', 'start', 'containerd.service'] }]);
  expect(step.describe(change)).toBe('containerd.service started');
  const undone = { ...change, from: true, to: undefined } as const;
  expect(step.risk(undone)).toEqual({ risk: 'disruptive', why: 'containerd.service is stopped' });
  expect(step.describe(undone)).toBe('containerd.service stopped');
});

test('one that does not start is told with its last words', async () => {
  const found = world();
  const step = hostServices(place, running('nothing.service'));
  const change = {
    key: 'nothing.service enabled',
    from: undefined,
    to: true,
    before: undefined,
    cause: 'wanted',
  } as const;
  await expect(step.write(fakeContext(found.machines), [change])).rejects.toMatchObject({
    code: 'HOST.SERVICE',
    evidence: [{ text: 'Failed to enable nothing.service: Unit nothing.service not found.' }],
  });
});
