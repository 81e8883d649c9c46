import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { openReporter } from '../../src/session/reporter.ts';
import { logFileListener } from '../../src/ui/progress/log-file.ts';

const globals = { output: 'text', progress: 'plain', parallel: 1, color: false } as const;

const never = new AbortController().signal;
const opened = async () => {
  const stderr = new PassThrough();
  const quiet = { env: {}, stdin: new PassThrough(), stdout: new PassThrough(), interrupted: never, killed: never };
  return { stderr, reporter: await openReporter(globals, { ...quiet, stderr }, []) };
};

test('a warning is told once, and again only where what it is about was gone in between', async () => {
  const { stderr, reporter } = await opened();
  for (let look = 0; look < 3; look++) reporter.emit({ type: 'warning', text: 'changes wait for config-sync' });
  for (let outage = 0; outage < 2; outage++) reporter.emit({ type: 'warning', text: 'no answer', afresh: true });
  await reporter.close();
  stderr.end();
  const told = (await text(stderr)).split('\n').map((line) => line.replace(/.*warning: /, ''));
  expect(told).toEqual(['changes wait for config-sync', 'no answer', 'no answer', '']);
});

test('a log that cannot be written is a warning: the run keeps its result', async () => {
  const { stderr, reporter } = await opened();
  reporter.addListener(logFileListener({ path: '/dev/null/log', redact: (line) => line }));
  reporter.emit({ type: 'run.start', run: '1', command: 'up', cluster: 'c' });
  await reporter.close();
  stderr.end();
  expect(await text(stderr)).toMatch(/warning: LOG\.WRITE .*\/dev\/null\/log/);
});
