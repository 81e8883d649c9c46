import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { openHearing } from '../../src/commands/hearing.ts';
import { logFileListener } from '../../src/ui/log-file.ts';

const globals = { output: 'text', progress: 'plain', parallel: 1, color: false } as const;

test('a log that cannot be written is a warning: the run keeps its result', async () => {
  const stderr = new PassThrough();
  const never = new AbortController().signal;
  const io = {
    env: {},
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr,
    interrupted: never,
    killed: never,
  };
  const hearing = await openHearing(globals, io, []);
  hearing.listen(logFileListener({ path: '/dev/null/log', redact: (line) => line }));
  hearing.emit({ type: 'run.start', run: '1', command: 'up', cluster: 'c' });
  await hearing.close();
  stderr.end();
  expect(await text(stderr)).toMatch(/warning: LOG\.WRITE .*\/dev\/null\/log/);
});
