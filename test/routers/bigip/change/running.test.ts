import { describe, expect, test } from 'vitest';
import { configure } from '../../../../src/routers/bigip/change/conversation.ts';
import { runningConfig } from '../../../../src/routers/bigip/change/running.ts';
import { savedConfig } from '../../../../src/routers/bigip/saving/saved.ts';
import { bigipSelfIp, TCP_BGP } from '../../../../src/steps/bigip/self-ip.ts';
import { type BigipSwitches, bigipWorld } from '../../../helpers/fake-bigip.ts';
import { fakeContext } from '../../../helpers/fake-host.ts';

const where = { host: 'bigip', routeDomain: 0 };
const ctxOf = (switches: BigipSwitches) => fakeContext(bigipWorld(switches).machines);

describe('What imish has in force', () => {
  test('is nothing where BGP is off', async () => {
    expect(await runningConfig(ctxOf({}), where)).toMatchObject({ enabled: false, config: { lines: [] } });
  });

  test('cannot be told while the daemon stays down', async () => {
    await expect(runningConfig(ctxOf({ bgp: true, daemonAsks: 99 }), where, { deadline: 0 })).rejects.toMatchObject({
      code: 'BGP.DAEMON',
      evidence: [{ text: '% Protocol daemon is not running' }, { label: 'tmrouted' }],
    });
  });

  test('is not told by half an answer', async () => {
    const programs = {
      tmsh: () => 'net route-domain 0 { routing-protocol { BGP } }\n',
      env: () => '!\nrouter bgp 64512\n neighbor 10.0',
      cat: () => ({ code: 1 }),
    };
    const ctx = fakeContext({ bigip: { name: 'bigip1', programs } });
    await expect(runningConfig(ctx, where)).rejects.toMatchObject({ code: 'BGP.ANSWER' });
  });

  test('is not nothing because tmsh cannot say whether BGP is on', async () => {
    const programs = {
      tmsh: () => ({ code: 1, stderr: 'The connection to mcpd has been lost' }),
      cat: () => ({ code: 1 }),
    };
    const ctx = fakeContext({ bigip: { name: 'bigip1', programs: { ...programs, env: () => '!\nend\n' } } });
    await expect(runningConfig(ctx, where)).rejects.toMatchObject({
      code: 'BGP.ANSWER',
      evidence: [{ text: 'The connection to mcpd has been lost' }],
    });
  });
});

describe('What is saved, where the login sees no files,', () => {
  const saved = (answer: string) =>
    savedConfig(
      fakeContext({ bigip: { name: 'bigip1', programs: { env: () => answer, cat: () => ({ code: 1 }) } } }),
      where,
    );

  test('is nothing where imish has only an excuse', async () => {
    expect(await saved("% Can't open configuration file\n")).toEqual({ lines: [] });
  });

  test('is not nothing because the answer was cut', async () => {
    await expect(saved('!\nrouter bgp 64512\n neighbor 10.0')).rejects.toMatchObject({ code: 'BGP.ANSWER' });
  });
});

describe('A conversation with imish', () => {
  test('in another route domain than asked for is left at once', async () => {
    const world = bigipWorld({ bgp: true, terminal: { routeDomain: 5 } });
    await expect(configure(fakeContext(world.machines), where, ['router bgp 64512'])).rejects.toMatchObject({
      code: 'BGP.ROUTE_DOMAIN',
    });
    expect(world.unit.typed).toEqual([]);
  });

  test('where BGP is off says what to do', async () => {
    await expect(configure(ctxOf({}), where, ['router bgp 64512'])).rejects.toMatchObject({
      code: 'BGP.NOT_ENABLED',
      message: 'bigip1: dynamic routing is not enabled on route domain 0',
      next: [{ command: 'cpaas up' }],
    });
  });
});

test('a self-IP that went away in the meantime is named', async () => {
  const step = bigipSelfIp({ host: 'bigip', unit: 'chs1', cluster: 'cpaas1', selfIp: 'internal' }, []);
  const change = { key: TCP_BGP, from: undefined, to: true, before: undefined, cause: 'wanted' } as const;
  await expect(step.write(ctxOf({ selfIp: 'inside' }), [change])).rejects.toMatchObject({ code: 'BIGIP.NO_SELF_IP' });
});
