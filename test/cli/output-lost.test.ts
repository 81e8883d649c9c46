import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { main } from '../../src/main.ts';

const full = () =>
  new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })) });

test.each(['schema', 'explain -o json', 'nowhere -o json'])('%s to a full disk is foreseen', async (line) => {
  const said: string[] = [];
  const stderr = new Writable({
    write: (chunk, _encoding, done) => {
      said.push(String(chunk));
      done();
    },
  });
  const never = new AbortController().signal;
  const io = { env: {}, stdin: new PassThrough(), stdout: full(), stderr, interrupted: never, killed: never };
  expect(await main(line.split(' '), io)).toBe(2);
  expect(said.join('')).toMatch(/OUTPUT\.WRITE|unknown command/);
  expect(said.join('')).not.toContain('BUG');
});
