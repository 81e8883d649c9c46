import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHosts } from '../../src/transport/connect.ts';
import { createSecrets } from '../../src/transport/secrets.ts';
import { noSshd, PASSWORD, type Sshd, startSshd } from '../transport/sshd.ts';

/** PAM asks for the password of a shadow file, as on machines where `PasswordAuthentication` is off. */
const PAM = ['auth required pam_unix.so nodelay', 'account required pam_unix.so', 'session required pam_permit.so'];

describe.skipIf(noSshd !== undefined)('an OpenSSH server that asks by PAM', () => {
  let server: Sshd;
  beforeAll(async () => {
    server = await startSshd({ pam: PAM });
    writeFileSync(join(server.folder, 'empty'), '');
  });
  afterAll(() => server?.stop());

  const hello = async (env: string): Promise<string> => {
    const secrets = createSecrets({ env: { PASSWORD, WRONG: 'not-this-one' }, terminal: false });
    const reach = server.reach({ identityFiles: [], password: { env } });
    const hosts = openHosts(
      { unit: { name: 'unit', reach } },
      { secrets, emit: () => {}, sshConfig: join(server.folder, 'empty') },
    );
    try {
      return (await hosts.host('unit').run(['echo', 'hello'])).stdout;
    } finally {
      await hosts.closeAll();
    }
  };

  test('gets the password as the answer to its question', async () => {
    expect(await hello('PASSWORD')).toBe('hello\n');
    await server.logs(/Accepted keyboard-interactive\/pam for root/, 1);
  });

  test('gets a wrong one once, and what it offers is told', async () => {
    await expect(hello('WRONG')).rejects.toMatchObject({
      code: 'HOST.AUTH',
      evidence: expect.arrayContaining([
        { label: 'offered', text: 'publickey, keyboard-interactive' },
        { label: 'tried', text: 'password' },
      ]),
    });
    await server.logs(/Failed keyboard-interactive\/pam for root/, 1);
  });
});
