import { expect, test } from 'vitest';
import { probe, probing } from '../../../../src/routers/bigip/unit/probe.ts';
import { fakeTransport } from '../../../helpers/fake-host.ts';

const pod = '10.53.0.7';
const answers = (ending: { code?: number; stdout?: string; stderr?: string }) =>
  fakeTransport('bigip', {
    name: 'bigip1',
    programs: { ping: () => ending, timeout: () => ending, rdexec: () => ending },
  });

test('three ways to ask a pod', () => {
  const ways = [
    probing({ way: 'ping', address: pod }),
    probing({ way: 'full-size ping', address: pod }),
    probing({ way: 'tcp', address: pod, port: 8080 }),
  ];
  expect(ways.map(({ argv }) => argv.join(' '))).toMatchInlineSnapshot(`
    [
      "ping -c 1 -W 2 10.53.0.7",
      "ping -c 1 -W 2 -M do -s 1472 10.53.0.7",
      "timeout 3 bash -c exec 3<>/dev/tcp/$0/$1 10.53.0.7 8080",
    ]
  `);
});

test.each([
  ['ping', { stdout: '64 bytes from 10.53.0.7: icmp_seq=1 ttl=62 time=0.412 ms\n' }, true, 'answered in 0.412 ms'],
  ['ping', { code: 1, stdout: '1 packets transmitted, 0 received\n' }, false, 'no answer within 2 s'],
  [
    'ping',
    { code: 1, stdout: 'From 10.10.2.10 icmp_seq=1 Destination Host Unreachable\n' },
    false,
    'From 10.10.2.10 icmp_seq=1 Destination Host Unreachable',
  ],
  [
    'full-size ping',
    { code: 1, stderr: 'ping: local error: Message too long, mtu=1450\n' },
    false,
    'Message too long, mtu=1450',
  ],
  ['tcp', {}, true, 'accepted'],
  [
    'tcp',
    { code: 1, stderr: 'bash: connect: Connection refused\nbash: line 1: /dev/tcp/10.53.0.7/80: Connection refused\n' },
    true,
    'refused, by the pod',
  ],
  ['tcp', { code: 124 }, false, 'no answer within 3 s'],
  ['tcp', { code: 127 }, false, 'not tried: this login gets no shell'],
  ['tcp', { code: 1, stderr: 'bash: /dev/tcp/10.53.0.7/80: No route to host\n' }, false, 'No route to host'],
] as const)('%s that ends with %j', async (way, ending, reached, detail) => {
  const asked = way === 'tcp' ? { way, address: pod, port: 80 } : { way, address: pod };
  expect(await probe(answers(ending), [asked])).toEqual([{ probe: asked, reached, detail }]);
});

test('out of another route domain packets are sent by rdexec', () => {
  expect(
    [probing({ way: 'ping', address: pod }, 7), probing({ way: 'tcp', address: pod, port: 80 }, 7)].map(({ argv }) =>
      argv.join(' '),
    ),
  ).toEqual(['rdexec 7 ping -c 1 -W 2 10.53.0.7', 'rdexec 7 timeout 3 bash -c exec 3<>/dev/tcp/$0/$1 10.53.0.7 80']);
});

test.each([
  ['rdexec: this login has no shell\n', 'not tried: this login gets no shell'],
  ['bash: rdexec: command not found\n', 'not tried: this unit has no rdexec to send it out of route domain 7'],
])('where that cannot be (%j), it is said and no pod is blamed', async (stderr, detail) => {
  const asked = { way: 'ping', address: pod } as const;
  expect(await probe(answers({ code: 127, stderr }), [asked], 7)).toEqual([{ probe: asked, reached: false, detail }]);
});
