import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CpaasError } from '../../src/core/errors.ts';
import { imish, imishExec, imishShell } from '../../src/drivers/imish.ts';
import { platforms } from '../../src/drivers/index.ts';
import { modeOf, route } from '../../src/drivers/modes.ts';
import { Shell } from '../../src/drivers/shell.ts';
import { parseConfig } from '../../src/routers/bigip/config/config.ts';
import { imishTerminal, type TerminalHabits } from '../helpers/fake-imish.ts';
import { FakeZebos } from '../helpers/fake-zebos.ts';
import { transcript } from '../helpers/transcript.ts';

const device = (habits: TerminalHabits = {}) => {
  const zebos = new FakeZebos();
  return imishTerminal(
    {
      line: (line, mode) => (line === 'show running-config' ? { say: zebos.show() } : zebos.configure(line, mode)),
    },
    habits,
  );
};
const open = (habits: TerminalHabits = {}, timeout = 30_000) =>
  Shell.open(device(habits), imish, { name: 'bigip1', timeout });

/** A device that says each of its pieces when it is asked the next time, the first at once. */
const scripted = (...pieces: readonly string[]): Duplex => {
  const left = [...pieces];
  const stream: Duplex = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      stream.push(left.shift() ?? null);
      done();
    },
  });
  stream.push(left.shift() ?? null);
  return stream;
};

describe('A conversation', () => {
  test.each<[string, TerminalHabits]>([
    ['as in the article', { host: 'mel-prod.foobz.com.au' }],
    ['with a space after the prompt', { spaceAfterPrompt: true }],
    ['that arrives in small pieces', { piece: 3 }],
    ['on a narrow terminal', { columns: 30 }],
    ['on a narrow terminal, in small pieces, with a pager', { columns: 24, piece: 5, rows: 2 }],
  ])('%s goes where it is told and answers what was asked', async (_, habits) => {
    const shell = await open(habits);
    await shell.enter('configure');
    expect(await shell.send('router bgp 64512')).toEqual({ text: '', mode: 'router' });
    expect(await shell.send('neighbor 172.19.0.4 remote-as 64512')).toEqual({ text: '', mode: 'router' });
    expect(await shell.send('neighbor 172.19.0.4 description cpaas:a-cluster-with-a-name')).toEqual({
      text: '',
      mode: 'router',
    });
    expect((await shell.send('neighbour typo')).text).toContain("% Invalid input detected at '^' marker.");
    await shell.enter('enable');
    const { text } = await shell.send('show running-config');
    expect(text.split('\n').slice(3, 7)).toEqual([
      'router bgp 64512',
      ' neighbor 172.19.0.4 remote-as 64512',
      ' neighbor 172.19.0.4 description cpaas:a-cluster-with-a-name',
      '!',
    ]);
    shell.close();
  });

  test('is the same on whatever terminal, under whatever banner, however slowly it comes', async () => {
    const habits = fc.record({
      host: fc.constantFrom('b', '10', 'W_A_BIGIP-13.local', 'ip-10-1-1-9.us-west-2.compute.internal'),
      routeDomain: fc.constantFrom(0, 7, 65534),
      columns: fc.integer({ min: 12, max: 200 }),
      rows: fc.integer({ min: 0, max: 6 }),
      piece: fc.integer({ min: 1, max: 40 }),
      spaceAfterPrompt: fc.boolean(),
      banner: fc.constantFrom(
        '',
        'Last login: Tue Jul 14 05:03:24 2026\n',
        '*** bigip1[0]> is watched ***\nAuthorized users only (config)#\nPassword: is asked of nobody\n',
        '--More-- of this at https://example.com/policy#terms\n\n',
      ),
    });
    const typed = [
      'router bgp 64512',
      'neighbor calico-k8s peer-group',
      'neighbor calico-k8s remote-as 64512',
      'neighbor 172.19.0.4 peer-group calico-k8s',
      'neighbor 172.19.0.4 description cpaas:a-cluster-with-a-rather-long-name',
    ];
    const there = new FakeZebos();
    for (const line of typed) there.configure(line, line === typed[0] ? 'configure' : 'router');
    await fc.assert(
      fc.asyncProperty(habits, async (has) => {
        const shell = await open(has);
        expect(shell.told).toEqual({ host: has.host, routeDomain: `${has.routeDomain}` });
        await shell.enter('configure');
        for (const line of typed) expect(await shell.send(line)).toEqual({ text: '', mode: 'router' });
        expect((await shell.send('neighbour typo')).text).toContain("% Invalid input detected at '^' marker.");
        await shell.enter('enable');
        const { text } = await shell.send('show running-config');
        expect(parseConfig(text)).toEqual(parseConfig(there.show()));
        shell.close();
      }),
      { numRuns: 80 },
    );
  });

  test('learns the name of the device and the route domain from the prompt', async () => {
    const shell = await open({ host: 'b2.example.com', routeDomain: 101 });
    expect(shell.told).toEqual({ host: 'b2.example.com', routeDomain: '101' });
    shell.close();
  });

  test('tells the mode a line left it in: a refused router stays where it was', async () => {
    const shell = await open();
    await shell.enter('configure');
    await shell.send('router bgp 65000');
    await shell.send('exit');
    expect(await shell.send('router bgp 64512')).toEqual({
      text: 'BGP is already running; AS is 65000',
      mode: 'configure',
    });
    shell.close();
  });

  test('shows what a terminal would: colours, overwritten words and backspaces are gone', async () => {
    const stream = scripted(
      'b[0]#',
      'show x\r\n\u001b[1mone\u001b[0m\r\n--More--',
      '\r        \rtwo\b\bhree  \r\nb[0]# ',
    );
    const shell = await Shell.open(stream, imish, { name: 'b', timeout: 30_000 });
    expect((await shell.send('show x')).text).toBe('one\nthree');
    shell.close();
  });
});

describe('A conversation that fails', () => {
  const failing = async (work: Promise<unknown>) => {
    const error = await work.catch((caught: unknown) => caught);
    if (!(error instanceof CpaasError)) throw new Error(`not foreseen: ${error}`);
    return { code: error.code, message: error.message, evidence: error.evidence };
  };

  test('because the device hangs quotes its last words', async () => {
    // long enough for what comes before, also where the machine is busy
    const shell = await open({ hangsAt: 'disable' }, 2_000);
    await shell.enter('enable');
    expect(await failing(shell.send('disable'))).toMatchInlineSnapshot(`
      {
        "code": "DEVICE.TIMEOUT",
        "evidence": [
          {
            "label": "last words",
            "text": "disable",
          },
        ],
        "message": "bigip1: imish did not come back from "disable" within 2 s",
      }
    `);
  });

  test('because the program ends quotes its last words', async () => {
    const stream = Duplex.from(['Dynamic routing is not enabled for this route domain\r\n']);
    expect(await failing(Shell.open(stream, imish, { name: 'bigip1', timeout: 30_000 }))).toMatchInlineSnapshot(`
      {
        "code": "DEVICE.CLOSED",
        "evidence": [
          {
            "label": "last words",
            "text": "Dynamic routing is not enabled for this route domain",
          },
        ],
        "message": "bigip1: imish ended before the first prompt",
      }
    `);
  });

  test('because enable asks for a password says so', async () => {
    const shell = await open({ enablePassword: true });
    expect(await failing(shell.enter('enable'))).toMatchInlineSnapshot(`
      {
        "code": "DEVICE.PASSWORD",
        "evidence": [
          {
            "label": "last words",
            "text": "enable
      Password:",
          },
        ],
        "message": "bigip1: imish asks for "enable" for a password",
      }
    `);
  });

  test('because a mode is refused quotes the answer', async () => {
    const stream = scripted('b[0]>', 'enable\r\n% Not allowed\r\nb[0]>');
    const shell = await Shell.open(stream, imish, { name: 'bigip1', timeout: 30_000 });
    expect(await failing(shell.enter('enable'))).toMatchInlineSnapshot(`
      {
        "code": "DEVICE.MODE",
        "evidence": [
          {
            "label": "line",
            "text": "enable",
          },
          {
            "label": "answer",
            "text": "% Not allowed",
          },
        ],
        "message": "bigip1 did not go from exec to enable mode",
      }
    `);
  });

  test('because the connection breaks keeps the cause', async () => {
    const stream = device();
    const shell = await Shell.open(stream, imish, { name: 'bigip1', timeout: 30_000 });
    const broken = new Error('ECONNRESET');
    const sent = shell.send('enable');
    stream.destroy(broken);
    await expect(sent.then(() => shell.send('disable'))).rejects.toMatchObject({
      code: 'DEVICE.CLOSED',
      cause: broken,
    });
  });

  test('because of nonsense never hangs and is always foreseen', async () => {
    const session = transcript('bigip-imish-session-article');
    const pieces = fc.array(fc.record({ from: fc.nat(session.length), length: fc.nat(80) }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(pieces, async (cuts) => {
        const talk = async () => {
          const stream = scripted(...cuts.map(({ from, length }) => session.slice(from, from + length)));
          const shell = await Shell.open(stream, imish, { name: 'bigip1', timeout: 5 });
          await shell.enter('configure');
          await shell.send('router bgp 64512');
        };
        await talk().catch((error: unknown) => expect(error).toBeInstanceOf(CpaasError));
      }),
      { numRuns: 50 },
    );
  });
});

describe('The prompts of imish', () => {
  test.each([
    ['bigip1.example.com[0]>', 'exec', '0'],
    ['bigip1(cfg-sync In Sync)[7]#', 'enable', '7'],
    ['bigip1 (cfg-sync Changes Pending)(Active)[0](config)#', 'configure', '0'],
    ['bigip1[No Name][3](config-router)#', 'router', '3'],
    ['bigip1[3][No Name](config-router-af)# ', 'family', '3'],
    ['ip-10-1-1-9.us-west-2.compute.internal[101](config-route-map)#', 'other', '101'],
  ])('%s is one, whatever else stands in it', (prompt, mode, routeDomain) => {
    expect(modeOf(imish, prompt)).toMatchObject({
      mode,
      told: { routeDomain, host: expect.stringMatching(/^[\w.-]+$/) },
    });
  });

  test.each([
    'root@(bigip1)(cfg-sync In Sync)(Active)(/Common)(tmos)#',
    '[root@bigip1:Active:In Sync] config #',
    'a b[0]#',
  ])('%s is none: imish has ended, or never began', (prompt) => expect(modeOf(imish, prompt)).toBeUndefined());

  test('each line of the article’s session that ends in a prompt is in one mode', () => {
    const modes = transcript('bigip-imish-session-article')
      .split('\n')
      .flatMap((line) => /^\S+\[0\](\([\w-]+\))?[>#]/.exec(line)?.[0] ?? [])
      .map((prompt) => modeOf(imish, prompt)?.mode);
    expect(modes).toEqual(['exec', 'enable', 'configure', 'router', 'router', 'enable']);
  });

  test.each([
    ['b[0](config-router)#', 'router'],
    ['b[0](config-router-af)# ', 'family'],
    ['b[0](config-route-map)#', 'other'],
    ['[root@b:Active:Standalone] config # ', undefined],
    [' neighbor 10.0.0.1 description b[0]#', undefined],
    ['b[0]#show', undefined],
  ])('%s is %s', (line, mode) => {
    expect(modeOf(imish, line)?.mode).toBe(mode);
  });

  test('every mode is reached from every other that a conversation can be in', () => {
    for (const platform of platforms)
      for (const from of Object.keys(platform.modes)) expect(route(platform, from, 'configure').length).toBeLessThan(4);
  });

  test('a command needs a TERM', () => {
    expect([imishShell(0), imishExec(7, 'show ip bgp', 'write')].map((argv) => argv.join(' '))).toEqual([
      'env TERM=vt100 imish -r 0',
      'env TERM=vt100 imish -r 7 -e show ip bgp -e write',
    ]);
  });
});
