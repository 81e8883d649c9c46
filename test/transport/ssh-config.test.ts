import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SshHost } from '../../src/core/host-spec.ts';
import { parseJump, resolveTarget } from '../../src/transport/ssh/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpaas-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const config = (text: string): string => {
  const file = join(folder, 'config');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};
const host = (more: Partial<SshHost> = {}): SshHost => ({ via: 'ssh', host: 'bigip1', ...more });

describe('where and how to log in', () => {
  const user = `Host bigip1
  HostName 10.10.2.20
  Port 2222
  User admin
  HostKeyAlias bigip-lab
  IdentityFile ~/.ssh/lab_%h
  UserKnownHostsFile ~/known_%p /etc/known
  ProxyCommand nc -X connect %h %p
`;

  it('is what the user’s ssh configuration says', async () => {
    expect(await resolveTarget(host(), config(user))).toMatchObject({
      host: '10.10.2.20',
      port: 2222,
      user: 'admin',
      alias: 'bigip-lab',
      identityFiles: [],
      defaultIdentityFiles: [`${homedir()}/.ssh/lab_10.10.2.20`],
      knownHosts: expect.arrayContaining([`${homedir()}/known_2222`, '/etc/known']),
      proxy: { by: 'command', argv: ['sh', '-c', 'exec nc -X connect 10.10.2.20 2222'] },
    });
  });

  it('is what the cluster file says, where it does', async () => {
    const reach = host({ port: 22, user: 'root', identityFiles: ['~/key'], proxyCommand: ['nc', '%h', '%p', '100%%'] });
    expect(await resolveTarget(reach, config(user))).toMatchObject({
      host: '10.10.2.20',
      port: 22,
      user: 'root',
      identityFiles: [`${homedir()}/key`],
      proxy: { by: 'command', argv: ['nc', '10.10.2.20', '22', '100%'] },
    });
    const jump = await resolveTarget(host({ proxyJump: 'bastion' }), config(user));
    expect(jump.proxy).toEqual({ by: 'jump', jump: 'bastion' });
  });

  it('can switch a proxy and the agent off', async () => {
    const target = await resolveTarget(host(), config('ProxyCommand none\nIdentityAgent none\n'));
    expect([target.proxy, target.agent]).toEqual([undefined, undefined]);
  });

  it('that ssh does not understand is told with its words', async () => {
    await expect(resolveTarget(host(), config('Nonsense yes\n'))).rejects.toMatchObject({
      code: 'SSH.CONFIG',
      evidence: [{ label: 'answer', text: expect.stringContaining('line 1: Bad configuration option: nonsense') }],
    });
    // Nor is a host's name taken for an option.
    await expect(resolveTarget(host({ host: '-oProxyCommand=false' }), config(''))).rejects.toMatchObject({
      code: 'SSH.CONFIG',
    });
  });

  describe('where there is no ssh', () => {
    beforeAll(() => {
      vi.stubEnv('PATH', '/nowhere');
    });
    afterAll(() => {
      vi.unstubAllEnvs();
    });

    it('has the defaults of ssh', async () => {
      expect(await resolveTarget(host({ host: 'h', user: 'root' }))).toMatchObject({
        host: 'h',
        port: 22,
        knownHosts: expect.arrayContaining([`${homedir()}/.ssh/known_hosts`, '/etc/ssh/ssh_known_hosts']),
        defaultIdentityFiles: expect.arrayContaining([`${homedir()}/.ssh/id_ed25519`]),
      });
    });
  });
});

it('jumps are read as ssh -J reads them', () => {
  expect(parseJump('a, root@b:2222,[::1]:23,ssh://admin@c:24,[fe80::1]')).toEqual([
    { via: 'ssh', host: 'a' },
    { via: 'ssh', host: 'b', user: 'root', port: 2222 },
    { via: 'ssh', host: '::1', port: 23 },
    { via: 'ssh', host: 'c', user: 'admin', port: 24 },
    { via: 'ssh', host: 'fe80::1' },
  ]);
});
