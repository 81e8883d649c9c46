import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AuthContext, type KeyboardAuthContext, type Server } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHosts } from '../../src/transport/connect.ts';
import { createSecrets } from '../../src/transport/secrets.ts';

/** What OpenSSH never asks: several questions at once. Its own way with PAM is tried by test/suites/ssh-pam.test.ts. */
describe('a server that takes passwords by keyboard-interactive only', () => {
  let folder: string;
  let server: Server;
  let asked: number;
  let questions: string[];
  let port: number;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cpaas-login-'));
    asked = 0;
    questions = ['Password: '];
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
    server = new ssh2.Server({ hostKeys: [readFileSync(join(folder, 'key'))] }, (client) => {
      client.on('error', () => {});
      client.on('authentication', (attempt: AuthContext) => {
        if (attempt.method !== 'keyboard-interactive') return attempt.reject(['keyboard-interactive']);
        asked++;
        (attempt as KeyboardAuthContext).prompt(
          questions.map((prompt) => ({ prompt, echo: false })),
          (answers) => (answers.join() === 'sesame' ? attempt.accept() : attempt.reject(['keyboard-interactive'])),
        );
      });
      client.on('session', (accept) => {
        accept().on('exec', (accept, _reject, { command }) => {
          const stream = accept();
          stream.write(command);
          stream.exit(0);
          stream.end();
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as { port: number }).port;
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  const run = async (password: string) => {
    const hosts = openHosts(
      { unit: { name: 'unit', reach: { via: 'ssh', host: '127.0.0.1', port, user: 'root', password: { env: 'P' } } } },
      {
        secrets: createSecrets({ env: { P: password } }),
        emit: () => {},
        sshConfig: '/dev/null',
        acceptNew: true,
        knownHosts: join(folder, 'known_hosts'),
      },
    );
    try {
      return await hosts.host('unit').run(['echo', "it's"]);
    } finally {
      await hosts.closeAll();
    }
  };

  it('gets the password as the answer to its one question', async () => {
    expect(await run('sesame')).toMatchObject({ stdout: `echo 'it'\\''s'` });
  });

  it('gets a wrong password once', async () => {
    await expect(run('other')).rejects.toMatchObject({ code: 'HOST.AUTH' });
    expect(asked).toBe(1);
  });

  it('gets no password as the answer to other questions', async () => {
    questions = ['Password: ', 'Code: '];
    await expect(run('sesame')).rejects.toMatchObject({ code: 'HOST.AUTH' });
  });
});
