import { describe, expect, test } from 'vitest';
import { configure } from '../../../../src/routers/bigip/change/conversation.ts';
import { routeDomainName, runningConfig } from '../../../../src/routers/bigip/change/running.ts';
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

describe('What is saved in a file', () => {
  const saved = (file: string) =>
    savedConfig(
      fakeContext({
        bigip: { name: 'bigip1', programs: {}, files: new Map([['/config/zebos/rd0/ZebOS.conf', file]]) },
      }),
      where,
    );

  test('is all that a person has written there, also before the first `!`', async () => {
    const { lines } = await saved(
      'service password-encryption\nhostname x\nlog syslog\nbfd gtsm enable\nkey chain K\n key 1\n!\nrouter bgp 1\nend\n',
    );
    expect(lines.map(({ context, text }) => (context ? `${context}: ${text}` : text))).toEqual([
      ...['service password-encryption', 'hostname x', 'log syslog', 'bfd gtsm enable'],
      ...['key chain K', 'key chain K: key 1', 'router bgp 1'],
    ]);
  });

  test('cannot be told where nothing is indented', async () => {
    await expect(saved('!\nrouter bgp 1\nneighbor 10.0.0.1 remote-as 2\n!\nend\n')).rejects.toMatchObject({
      code: 'BGP.ANSWER',
    });
  });
});

describe('What tmsh wants a route domain called', () => {
  const named = (tmsh: string | { readonly code: number; readonly stderr: string }, id = 7) => {
    const ctx = fakeContext({ bigip: { name: 'bigip1', programs: { tmsh: () => tmsh } } });
    return routeDomainName(ctx.host('bigip'), id);
  };

  test('is its name, and the id of one that is not listed', async () => {
    expect(await named('net route-domain blue { id 7 }\nnet route-domain 8 { id 8 }\n')).toBe('blue');
    expect(await named('net route-domain blue { id 8 }\n')).toBe('7');
  });

  test('is not its id where tmsh gives no list', async () => {
    await expect(named({ code: 1, stderr: 'The connection to mcpd has been lost' })).rejects.toMatchObject({
      code: 'BGP.ANSWER',
      evidence: [{ text: 'The connection to mcpd has been lost' }],
    });
  });

  test('is not the name of another', async () => {
    await expect(named('net route-domain 7 { id 9 }\n')).rejects.toMatchObject({
      code: 'BGP.ANSWER',
      evidence: [{ text: '9' }],
    });
    expect(await named('net route-domain 7 { id 9 }\nnet route-domain 9 { id 7 }\n')).toBe('9');
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
