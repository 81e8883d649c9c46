import { beforeEach, describe, expect, test } from 'vitest';
import { EMPTY, type ZebosConfig } from '../../../../src/lab/bigip/zebos/config.ts';
import { type Dialect, PLAIN_DIALECT } from '../../../../src/lab/bigip/zebos/dialect.ts';
import { edit } from '../../../../src/lab/bigip/zebos/editing.ts';
import { runningConfig } from '../../../../src/lab/bigip/zebos/running-config.ts';
import { type Imi, ImishSession } from '../../../../src/lab/bigip/zebos/session.ts';
import { transcript } from '../../../helpers/transcript.ts';

let config: ZebosConfig;
let ready: boolean;
let saved: number;
const imi: Imi = {
  hostname: 'mel-prod.foobz.com.au',
  routeDomain: 0,
  ready: () => ready,
  configure: async (context, typed) => {
    const edited = edit({ config, context }, typed);
    config = edited.config;
    return edited;
  },
  write: async () => {
    saved++;
  },
  show: async (command) => (command === 'running' ? runningConfig(config) : `${command}\n`),
};

beforeEach(() => {
  config = EMPTY;
  ready = true;
  saved = 0;
});

/** What a terminal shows of a conversation. */
async function screen(session: ImishSession, ...lines: readonly string[]): Promise<string> {
  let all = '';
  for (const line of lines) {
    const { prompt } = session;
    all += `${prompt}${line}\n${(await session.line(line, prompt.length)).text}`;
  }
  return `${all}${session.prompt}`;
}

test('a session reads as the article shows it', async () => {
  const text = await screen(new ImishSession(imi, 'exec'), 'en', 'config t', 'router bgp 64512', 'wr', 'end');
  expect(transcript('bigip-imish-session-article')).toContain(text);
  expect(saved).toBe(1);
});

test('the caret stands under what is wrong', async () => {
  expect(await screen(new ImishSession(imi, 'exec'), 'show bogus')).toBe(
    [
      'mel-prod.foobz.com.au[0]>show bogus',
      '                              ^',
      "% Invalid input detected at '^' marker.",
      'mel-prod.foobz.com.au[0]>',
    ].join('\n'),
  );
});

test('configuration and write are for enable mode', async () => {
  const session = new ImishSession(imi, 'exec');
  for (const line of ['configure terminal', 'write', 'show running-config']) {
    expect((await session.line(line, 0)).text).toContain('% Invalid input detected');
  }
});

test('a session that starts in configuration mode refuses configure terminal and goes on', async () => {
  const session = new ImishSession(imi, 'config');
  expect((await session.line('configure terminal', 0)).text).toContain('% Invalid input detected');
  expect((await session.line('router bgp 64512', 0)).text).toBe('');
  expect(session.prompt).toMatch(/\(config-router\)#$/);
});

describe('switches', () => {
  const session = (dialect: Partial<Dialect>) => new ImishSession(imi, 'exec', { ...PLAIN_DIALECT, ...dialect });
  const HOST = 'mel-prod.foobz.com.au[0]';

  test.each<[Partial<Dialect>, string]>([
    [{ configBanner: 'none' }, `${HOST}#configure terminal\n${HOST}(config)#`],
    [
      { configBanner: 'one-space' },
      `${HOST}#configure terminal\nEnter configuration commands, one per line. End with CNTL/Z.\n${HOST}(config)#`,
    ],
    [{}, `${HOST}#configure terminal\nEnter configuration commands, one per line.  End with CNTL/Z.\n${HOST}(config)#`],
  ])('configBanner: %o', async (dialect, text) => {
    expect(await screen(session(dialect), 'enable', 'configure terminal')).toBe(`${HOST}>enable\n${text}`);
  });

  test('promptSpace: a space stands after every prompt', async () => {
    expect(await screen(session({ promptSpace: true }), 'enable')).toBe(`${HOST}> enable\n${HOST}# `);
    expect(await screen(session({}), 'enable')).toBe(`${HOST}>enable\n${HOST}#`);
  });

  test('unknownCommand: no caret, in every mode', async () => {
    const odd = session({ unknownCommand: true });
    expect((await odd.line('frob', 5)).text).toBe('% Unknown command: frob\n');
    for (const line of ['enable', 'configure terminal']) await odd.line(line, 0);
    expect((await odd.line('frob', 5)).text).toBe('% Unknown command: frob\n');
    expect((await session({}).line('frob', 5)).text).toBe("     ^\n% Invalid input detected at '^' marker.\n");
  });

  test('enablePassword: the right one enables, the third wrong one ends the asking', async () => {
    const locked = session({ enablePassword: 'zebos' });
    expect(await locked.line('enable', 0)).toEqual({ text: '', asks: 'Password:' });
    expect(locked.password('wrong')).toEqual({ text: '', asks: 'Password:' });
    expect(locked.password('zebos')).toEqual({ text: '' });
    expect(locked.prompt).toBe(`${HOST}#`);
    const shut = session({ enablePassword: 'zebos' });
    await shut.line('enable', 0);
    expect(['a', 'b', 'c'].map((password) => shut.password(password).text).join('')).toMatch(/^% Bad enable/);
    expect(shut.prompt).toBe(`${HOST}>`);
    expect(await session({}).line('enable', 0)).toEqual({ text: '' });
  });

  test('pager: a stubborn one knows no terminal length', async () => {
    expect((await session({ pager: 'stubborn' }).line('terminal length 0', 0)).text).toContain('% Invalid input');
    const plain = session({});
    expect((await plain.line('terminal length 0', 0)).text).toBe('');
    expect(plain.length).toBe(0);
  });
});

test('modes are left one by one, or at once with end', async () => {
  const session = new ImishSession(imi, 'config');
  const prompts: string[] = [];
  for (const line of ['router bgp 1', 'address-family ipv6', 'exit', 'exit', 'router bgp 1', 'end', 'exit']) {
    const { over } = await session.line(line, 0);
    prompts.push(over ? 'over' : session.prompt.replace(/^.*\]/, ''));
  }
  expect(prompts).toEqual([
    '(config-router)#',
    '(config-router-af)#',
    '(config-router)#',
    '(config)#',
    '(config-router)#',
    '#',
    'over',
  ]);
});

test('nothing about routing is answered before the daemon runs', async () => {
  ready = false;
  const session = new ImishSession(imi, 'enable');
  expect((await session.line('show ip bgp summary', 0)).text).toBe('% Protocol daemon is not running\n');
  await session.line('configure terminal', 0);
  expect((await session.line('router bgp 64512', 0)).text).toBe('% Protocol daemon is not running\n');
  expect((await session.line('write', 0)).text).toBe('% Protocol daemon is not running\n');
});

describe('filters', () => {
  beforeEach(async () => {
    const session = new ImishSession(imi, 'config');
    for (const line of ['router bgp 64512', 'neighbor g peer-group', 'neighbor g remote-as 64512'])
      await session.line(line, 0);
  });

  test.each([
    ['show run | include neighbor', ' neighbor g peer-group\n neighbor g remote-as 64512\n'],
    ['sh run | i remote-as', ' neighbor g remote-as 64512\n'],
    ['show running-config | b vty', '...skipping\nline vty 0 39\n login\n!\nend\n\n'],
  ])('%s', async (line, text) => {
    expect((await new ImishSession(imi, 'enable').line(line, 0)).text).toBe(text);
  });
});

test('a disk that is full is an error of write', async () => {
  const session = new ImishSession(
    { ...imi, write: () => Promise.reject(new Error('No space left on device')) },
    'enable',
  );
  expect((await session.line('write', 0)).text).toBe('Building configuration...\n% No space left on device\n');
});
