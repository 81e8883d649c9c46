import { describe, expect, test } from 'vitest';
import type { Seen, Step } from '../../../src/core/step.ts';
import { type HostRoute, hostRoutes, route } from '../../../src/steps/host/routes.ts';
import { fakeContext, Power } from '../../helpers/fake-host.ts';
import { type FakeRoute, fakeIp } from '../../helpers/fake-ip.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const HOST = 'netns:lab-vm-vm';
const place = { host: HOST, cluster: 'cpaas1', range: '10.53.0.0/16' };
const bridge: FakeRoute = { dst: '172.19.0.0/16', dev: 'br0', protocol: '2' };

function vm(...found: readonly FakeRoute[]) {
  const table: FakeRoute[] = [bridge, ...found];
  const power = new Power();
  const machines = { [HOST]: { name: 'vm', programs: { ip: fakeIp(table, power) } } };
  return { table, power, machines, ctx: fakeContext(machines) };
}

const look = async (step: Step, found: readonly FakeRoute[], keys = [...step.want.keys()]) =>
  (await step.read(vm(...found).ctx, new Set(keys))) as ReadonlyMap<string, Seen<HostRoute>>;

stepLaws('host.routes', {
  step: hostRoutes,
  place,
  world() {
    const { table, power, machines } = vm(
      { dst: '0.0.0.0/0', via: '172.19.0.254', dev: 'br0' },
      { dst: '10.53.0.0/26', via: '172.19.0.2', dev: 'br0', protocol: '4' },
      { dst: '10.54.0.0/26', via: '172.19.0.2', dev: 'br0', protocol: '201' },
    );
    return { power, machines, dump: () => table.toSorted((a, b) => a.dst.localeCompare(b.dst)) };
  },
  foreign: ({ dump }) => (dump() as FakeRoute[]).filter(({ protocol, dst }) => protocol !== '201' || /10.54/.test(dst)),
  wishes: [
    [route('10.53.0.0/26', '172.19.0.2'), route('10.53.1.0/26', '172.19.0.3'), route('10.53.2.7/32', '172.19.0.4')],
    [route('10.53.1.0/26', '172.19.0.4'), route('10.53.3.0/26', '172.19.0.3')],
  ],
});

describe('host.routes', () => {
  test('sends one batch: additions that refuse what is there, replacements and removals of our own', () => {
    const of = (via: string): HostRoute => ({ via, protocol: '201' });
    const commands = hostRoutes(place, []).commands([
      { key: '10.53.0.0/26', from: undefined, to: of('172.19.0.2'), before: undefined, cause: 'wanted' },
      { key: '10.53.1.0/26', from: of('172.19.0.2'), to: of('172.19.0.3'), before: undefined, cause: 'wanted' },
      { key: '10.53.2.7/32', from: of('172.19.0.4'), to: undefined, before: undefined, cause: 'unwanted' },
      {
        key: '10.53.3.0/26',
        from: { ...of('172.19.0.4'), metric: 5 },
        to: of('172.19.0.4'),
        before: undefined,
        cause: 'drift',
      },
    ]);
    expect(commands).toMatchInlineSnapshot(`
      [
        {
          "argv": [
            "ip",
            "-batch",
            "-",
          ],
          "stdin": "route add 10.53.0.0/26 via 172.19.0.2 proto 201
      route replace 10.53.1.0/26 via 172.19.0.3 proto 201
      route del 10.53.2.7/32 proto 201
      route del 10.53.3.0/26 proto 201 metric 5
      route add 10.53.3.0/26 via 172.19.0.4 proto 201
      ",
        },
      ]
    `);
  });

  test.each([
    [
      'a gateway',
      { dst: '10.53.0.0/26', via: '172.19.0.9', dev: 'br0', protocol: '4' },
      '172.19.0.9 (protocol static)',
    ],
    ['a blackhole', { dst: '10.53.0.0/26', type: '6', protocol: '12' }, 'blackhole (protocol bird)'],
    ['a device', { dst: '10.53.0.0/26', dev: 'cali7' }, 'dev cali7 (protocol boot)'],
    [
      'several gateways',
      {
        dst: '10.53.0.0/26',
        nexthops: [
          { gateway: '172.19.0.2', dev: 'br0' },
          { gateway: '172.19.0.3', dev: 'br0' },
        ],
      },
      '172.19.0.2 and 172.19.0.3 (protocol boot)',
    ],
    [
      'a higher metric',
      { dst: '10.53.0.0/26', via: '172.19.0.9', dev: 'br0', metric: 50, protocol: '186' },
      '172.19.0.9 (protocol 186)',
    ],
  ])("somebody else's route by %s is refused by name", async (_, found, words) => {
    const step = hostRoutes(place, [route('10.53.0.0/26', '172.19.0.2')]);
    const seen = (await look(step, [found])).get('10.53.0.0/26');
    expect(step.claim('10.53.0.0/26', seen, step.want.get('10.53.0.0/26'), false)).toEqual({
      conflict: `somebody else routes 10.53.0.0/26 to ${words}`,
    });
  });

  test("somebody else's route of another metric does not hide ours", async () => {
    const theirs = { dst: '10.53.0.0/26', via: '172.19.0.9', dev: 'br0', metric: 50, protocol: '4' };
    const ours = { dst: '10.53.0.0/26', via: '172.19.0.2', dev: 'br0', protocol: '201' };
    const step = hostRoutes(place, []);
    expect([...(await look(step, [ours, theirs], ['10.53.0.0/26']))]).toEqual([
      ['10.53.0.0/26', { value: { via: '172.19.0.2', protocol: '201' }, mark: 'ours' }],
    ]);
  });

  test('two clusters on one host see only what lies in their own pod range', async () => {
    const found = ['10.53.0.0/26', '10.99.0.0/26'].map((dst) => ({
      dst,
      via: '172.19.0.2',
      dev: 'br0',
      protocol: '201',
    }));
    expect([...(await look(hostRoutes(place, []), found)).keys()]).toEqual(['10.53.0.0/26']);
    expect([...(await look(hostRoutes({ ...place, range: '10.99.0.0/16' }, []), found)).keys()]).toEqual([
      '10.99.0.0/26',
    ]);
  });

  test('a next hop that stands in no network of the host is named, with the line', async () => {
    const step = hostRoutes(place, []);
    const to = { via: '192.0.2.1', protocol: '201' };
    const change = { key: '10.53.0.0/26', from: undefined, to, before: undefined, cause: 'wanted' } as const;
    await expect(step.write(vm().ctx, [change])).rejects.toMatchObject({
      code: 'HOST.GATEWAY',
      evidence: [
        { label: 'line', text: 'route add 10.53.0.0/26 via 192.0.2.1 proto 201' },
        { label: 'answer', text: 'Error: Nexthop has invalid gateway.' },
      ],
    });
  });

  test('a route that somebody added since we looked is not overwritten', async () => {
    const world = vm({ dst: '10.53.0.0/26', via: '172.19.0.9', dev: 'br0', protocol: '4' });
    const to = { via: '172.19.0.2', protocol: '201' };
    const change = { key: '10.53.0.0/26', from: undefined, to, before: undefined, cause: 'wanted' } as const;
    const before = structuredClone(world.table);
    await expect(hostRoutes(place, []).write(world.ctx, [change])).rejects.toMatchObject({ code: 'HOST.ROUTES' });
    expect(world.table).toEqual(before);
  });

  test('an answer that is cut off is no answer', async () => {
    const machines = { [HOST]: { name: 'vm', programs: { ip: () => '[{"dst":"10.53.0.0/26","gate' } } };
    await expect(hostRoutes(place, []).read(fakeContext(machines), new Set())).rejects.toMatchObject({
      code: 'HOST.ANSWER',
    });
  });
});
