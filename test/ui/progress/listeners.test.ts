import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Event } from '../../../src/core/events.ts';
import { progressListener } from '../../../src/ui/progress/choose.ts';
import { broadcast, listener } from '../../../src/ui/progress/listener.ts';
import { logFileListener } from '../../../src/ui/progress/log-file.ts';
import { ndjsonListener } from '../../../src/ui/progress/ndjson.ts';
import { plainListener } from '../../../src/ui/progress/plain.ts';
import { tasksListener } from '../../../src/ui/progress/tasks.ts';
import { ascii, plainStyle } from '../../../src/ui/text/style.ts';
import { PASSWORD, redact, refused, story } from './events.ts';
import { memoryStream } from './terminal.ts';

const now = () => new Date('2026-11-22T14:15:02.123Z');

async function play(hear: ReturnType<typeof listener>, events: readonly Event[] = story): Promise<void> {
  for (const event of events) hear(event);
  await hear.close();
}

describe('plain lines', () => {
  const plain = async (verbose: boolean) => {
    const { stream, written, lines } = memoryStream();
    await play(plainListener({ stream, style: plainStyle, verbose, redact, now }));
    return { written: written(), texts: lines().map((line) => line.slice('00:00:00 '.length)) };
  };

  test('come one for each thing that happens, with a time', async () => {
    const { written, texts } = await plain(false);
    expect(written).toMatch(/^\d\d:\d\d:\d\d up cpaas1, run 1\n/);
    expect(texts).toMatchInlineSnapshot(`
      [
        "up cpaas1, run 1",
        "cpaas1-vm: BGPPeers: + bigip1 10.10.2.20 in AS 64512",
        "cpaas1-vm: BGPPeers: done in 0.3 s",
        "cpaas1-vm: packet filter rules: already so",
        "warning: node mesh is off",
        "bigip2: router bgp 64512: + a",
        "bigip2: router bgp 64512: + b",
        "bigip2: router bgp 64512: done in 1.5 s",
        "bigip1: router bgp 64512: failed: BGP.REFUSED bigip1 refused a line of the change",
        "bigip1: router bgp 64512:   answer % Invalid input •••",
        "failed after 11.4 s",
      ]
    `);
  });

  test('show with -v each command, on which host, without secrets', async () => {
    const { texts, written } = await plain(true);
    expect(texts).toContain("cpaas1-vm $ calicoctl apply '--token=•••'   0.2 s");
    expect(written).not.toContain(PASSWORD);
    expect((await plain(false)).written).not.toContain('calicoctl');
  });

  test('cannot be broken up by what a device says', async () => {
    const { written } = await plain(true);
    expect(written).not.toContain('\u001b');
  });
});

describe('lines of JSON', () => {
  const { stream, lines } = memoryStream();
  const play1 = play(ndjsonListener({ stream, redact, now }));

  test('are one event each, with time and type', async () => {
    await play1;
    const events = lines().map((line) => JSON.parse(line));
    expect(events.map(({ type }) => type)).toEqual(story.map(({ type }) => type));
    expect(events[0]).toEqual({
      time: '2026-11-22T14:15:02.123Z',
      type: 'run.start',
      run: '1',
      command: 'up',
      cluster: 'cpaas1',
    });
  });

  test('carry errors by code and message, and no secret', async () => {
    await play1;
    const failed = lines()
      .map((line) => JSON.parse(line))
      .find(({ type }) => type === 'step.failed');
    expect(failed.error).toEqual({ code: 'BGP.REFUSED', message: refused.message });
    expect(lines().join('')).not.toContain(PASSWORD);
  });

  test('redact secrets whatever characters JSON would escape in them', async () => {
    const secret = 'a"b\\c';
    const { stream, written } = memoryStream();
    await play(ndjsonListener({ stream, redact: (text) => text.replaceAll(secret, '•••') }), [
      { type: 'warning', text: `password ${secret}` },
    ]);
    expect(JSON.parse(written()).text).toBe('password •••');
  });
});

test('a secret is gone before a line is folded, quoted or cut', async () => {
  const secret = `-----BEGIN KEY-----\nit's\tsecret ${'x'.repeat(90)}`;
  const redactKey = (text: string) => text.replaceAll(secret, '•••');
  const step = { step: 's', title: 'key', host: 'vm', phase: 'Keys' };
  const events: readonly Event[] = [
    { type: 'phase.start', phase: 'Keys', by: 'phase', steps: [step] },
    { type: 'command', host: 'vm', argv: ['install', secret], reads: false, seconds: 0 },
    { type: 'step.progress', ...step, text: secret },
    { type: 'step.closed', ...step, closing: 'save', remark: `not saved: ${secret}` },
    { type: 'step.failed', ...step, error: new Error(`bad ${secret}`), seconds: 0 },
    { type: 'phase.end', phase: 'Keys', seconds: 0 },
  ];
  const plain = memoryStream();
  const tasks = memoryStream(60);
  const options = { style: plainStyle, redact: redactKey, verbose: true, unicode: true };
  await play(plainListener({ ...options, stream: plain.stream }), events);
  await play(tasksListener({ ...options, stream: tasks.stream }), events);
  for (const text of [plain.written(), tasks.written()]) {
    expect(text).toContain('bad •••');
    expect(text).toContain('not saved: •••');
    expect(text).not.toMatch(/BEGIN|secret/);
  }
});

describe('the log file', () => {
  let folder = '';
  afterEach(() => folder && rmSync(folder, { recursive: true, force: true }));

  const log = async (events: readonly Event[] = story) => {
    folder = mkdtempSync(join(tmpdir(), 'cpaas-ui-'));
    const path = join(folder, 'runs', '1.log');
    await play(logFileListener({ path, redact, now }), events);
    return path;
  };

  test('holds everything, commands included, and is for its owner alone', async () => {
    const path = await log();
    const text = readFileSync(path, 'utf8');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(text).toContain("2026-11-22T14:15:02.123Z cpaas1-vm $ calicoctl apply '--token=•••'");
    expect(text).toContain('answer % Invalid input •••');
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain('\u001b');
  });

  test('is continued, not begun anew, by a second listener', async () => {
    const path = await log([{ type: 'warning', text: 'first' }]);
    await play(logFileListener({ path, redact, now }), [{ type: 'warning', text: 'second' }]);
    expect(readFileSync(path, 'utf8').split('\n').length).toBe(3);
  });

  test('tells where a bug was thrown', async () => {
    const path = await log([{ type: 'host.lost', host: 'vm', error: new TypeError('x is undefined') }]);
    expect(readFileSync(path, 'utf8')).toMatch(/ +at .*listeners\.test\.ts/);
  });

  test('that cannot be written stops no run, and says so at the end', async () => {
    const blocked = logFileListener({ path: '/dev/null/1.log', redact });
    expect(() => blocked({ type: 'warning', text: 'x' })).not.toThrow();
    await expect(blocked.close()).rejects.toMatchObject({ code: 'LOG.WRITE' });
  });
});

test('what a run repairs is told with its reason, in lines and in the task list', async () => {
  const step = { step: 's', title: 'router bgp 64512', host: 'bigip1', phase: 'Routers' };
  const one = { key: 'a', from: undefined, to: 'x', before: undefined, cause: 'drift' } as const;
  const changes = [
    one,
    { ...one, key: 'b', from: 'y' },
    { ...one, key: 'c', cause: 'wanted' },
    { ...one, key: 'd', cause: 'unfinished' },
  ] as const;
  const events: readonly Event[] = [
    { type: 'phase.start', phase: 'Routers', by: 'phase', steps: [step] },
    { type: 'step.applied', ...step, changes, lines: ['a', 'b', 'c', 'd'], seconds: 0 },
    { type: 'phase.end', phase: 'Routers', seconds: 0 },
  ];
  const plain = memoryStream();
  await play(plainListener({ stream: plain.stream, style: plainStyle, verbose: false, redact, now }), events);
  expect(
    plain
      .lines()
      .map((line) => line.slice('00:00:00 bigip1: router bgp 64512: '.length))
      .slice(0, 4),
  ).toEqual([
    '+ a (gone since cpaas set it)',
    '~ b (changed since cpaas set it)',
    '+ c',
    '+ d (a run was cut off here)',
  ]);
  const tasks = memoryStream(80);
  await play(tasksListener({ stream: tasks.stream, style: plainStyle, unicode: true, redact }, []), events);
  expect(tasks.screen().join('\n')).toContain('router bgp 64512 (4 changes, 2 repaired)');
});

describe('the task list', () => {
  const tasks = async (events: readonly Event[], upcoming: readonly string[] = []) => {
    const terminal = memoryStream(80);
    const { stream } = terminal;
    await play(tasksListener({ stream, style: plainStyle, unicode: true, redact }, upcoming), events);
    return terminal;
  };

  test('leaves one line a phase, or a host, and the details of what failed', async () => {
    const { screen } = await tasks(story, ['Calico', 'Forwarding', 'Routers', 'Host routes']);
    expect(screen()).toMatchInlineSnapshot(`
      [
        "✔ Calico            BGPPeers                                               0.9 s",
        "! node mesh is off",
        "✖ bigip1            BGP.REFUSED bigip1 refused a line of the change",
        "✔ bigip2            router bgp 64512 (2 changes)                           1.5 s",
      ]
    `);
  });

  test('leaves nothing of a run in which all was already so', async () => {
    const { screen } = await tasks(
      story
        .filter((event) => !('phase' in event) || event.phase === 'Forwarding')
        .filter(({ type }) => type !== 'warning'),
    );
    expect(screen()).toEqual([]);
  });

  test('shows what runs now, what protects meanwhile, and what is still to come', async () => {
    const { stream, screen } = memoryStream(80);
    const style = { ...plainStyle, encode: ascii };
    const hear = tasksListener({ stream, style, unicode: false, redact }, ['Routers', 'Host routes']);
    const [start, ...more] = story.filter((event) => 'phase' in event && event.phase === 'Routers');
    if (start) hear(start);
    await drawn(screen, 'Host routes');
    for (const event of more.slice(0, 4)) hear(event);
    await drawn(screen, 'reverts by itself');
    await drawn(screen, '* bigip2');
    const rows = screen().map((line) => line.replace(/^[-\\|/] /, '. '));
    await hear.close();
    expect(rows).toEqual([
      '. bigip1            router bgp 64512: 6 of 9 lines - reverts by itself in 1:52',
      '* bigip2            router bgp 64512 (2 changes)',
      '  Host routes',
    ]);
  });

  test('gives the stream back: what is written afterwards is written', async () => {
    const { stream, written } = await tasks(story);
    stream.write('afterwards\n');
    expect(written().endsWith('afterwards\n')).toBe(true);
  });

  test('leaves Ctrl-C to the program', async () => {
    const before = process.listenerCount('SIGINT');
    const { stream, screen } = memoryStream(80);
    const hear = tasksListener({ stream, style: plainStyle, unicode: true, redact }, ['Calico', 'Routers']);
    for (const event of story.slice(0, 3)) hear(event);
    await drawn(screen, 'Routers');
    expect(process.listenerCount('SIGINT')).toBe(before);
    await hear.close();
  });
});

/** Until a text is on the screen; the test's own limit ends the wait. */
async function drawn(screen: () => readonly string[], text: string): Promise<void> {
  while (!screen().some((line) => line.includes(text))) await new Promise((resolve) => setImmediate(resolve));
}

describe('--progress', () => {
  const shown = async (progress: 'auto' | 'plain' | 'json' | 'none', columns?: number, verbose = false) => {
    const { stream, written } = memoryStream(columns);
    await play(await progressListener({ progress, verbose, noColor: true, redact, stream, env: {} }));
    return written();
  };

  test('auto is plain lines without a terminal, and with -v', async () => {
    expect(await shown('auto')).toMatch(/^\d\d:\d\d:\d\d /);
    expect(await shown('auto', 80, true)).toMatch(/^\d\d:\d\d:\d\d /);
    expect(await shown('auto', 80)).not.toMatch(/^\d\d:\d\d:\d\d /m);
  });

  test('json is JSON also on a terminal, none is nothing', async () => {
    expect(await shown('json', 80)).toMatch(/^\{"time":/);
    expect(await shown('none', 80)).toBe('');
  });
});

test('several listeners hear the same, and all are closed', async () => {
  const heard: string[] = [];
  const one = (name: string) =>
    listener(
      ({ type }) => heard.push(`${name} ${type}`),
      async () => void heard.push(`${name} closed`),
    );
  await play(broadcast([one('a'), one('b')]), [{ type: 'warning', text: '' }]);
  expect(heard).toEqual(['a warning', 'b warning', 'a closed', 'b closed']);
});
