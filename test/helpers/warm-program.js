// The built program in a process that stays: each message is a command line, each answer its exit code and what it printed. Most of a
// short call is its start.
import { PassThrough, Writable } from 'node:stream';
import { main } from '../../dist/main.js';

process.on('message', async (argv) => {
  const said = { stdout: '', stderr: '' };
  const into = (name) =>
    new Writable({
      write: (chunk, _, done) => {
        said[name] += chunk;
        done();
      },
    });
  const stdin = new PassThrough();
  stdin.end();
  const never = new AbortController().signal;
  const env = { ...process.env, NO_COLOR: '1' };
  const io = { env, stdin, stdout: into('stdout'), stderr: into('stderr'), interrupted: never, killed: never };
  process.send({ code: await main(argv, io), ...said });
});
