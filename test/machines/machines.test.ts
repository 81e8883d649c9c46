import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reading } from '../../src/core/reading.ts';
import { tryRun } from '../../src/lab/machines/run.ts';
import { type Hosts, openHosts } from '../../src/transport/connect.ts';
import { createSecrets } from '../../src/transport/secrets.ts';
import { rootfs } from '../helpers/machines/cache.ts';
import { type Lan, makeLan } from '../helpers/machines/lan.ts';
import { type Machine, startMachine } from '../helpers/machines/machine.ts';

// The machines that other tests use, themselves: what is real in them, and that nothing of them stays.

const LAN = 'hm-self';
let lan: Lan;
let machine: Machine;
let hosts: Hosts;

beforeAll(async () => {
  lan = await makeLan({ name: LAN, address: '10.214.0.1/24' });
  machine = await startMachine(lan, { name: 'm1', address: '10.214.0.11', image: rootfs() });
  const typist = machine.spec('typist');
  const table = {
    root: machine.spec(),
    admin: machine.spec('admin'),
    typist: { ...typist, sudo: 'changes' as const, sudoPassword: { env: 'TYPIST' } },
  };
  hosts = openHosts(table, { secrets: createSecrets({ env: { TYPIST: 'typists-password' } }), emit: () => {} });
});
afterAll(async () => {
  await hosts?.closeAll();
  await machine?.stop();
  await lan?.remove();
});

describe('a test machine', () => {
  test('runs systemd as its first process, and nothing of it has failed', async () => {
    expect(await machine.ask(['cat', '/proc/1/comm'])).toBe('systemd\n');
    expect(await machine.ask(['systemctl', 'is-system-running', '--wait'])).toBe('running\n');
  });

  test('is reached by SSH, as root and by sudo', async () => {
    for (const key of ['root', 'admin'])
      expect((await hosts.host(key).query(reading(['id', '-un']))).stdout).toBe('root\n');
  });

  test('where looking needs no sudo, only changes go by it, with the password that it asks for', async () => {
    const host = hosts.host('typist');
    const [who] = await host.queryAll([reading(['id', '-un'])]);
    expect(who?.stdout).toBe('typist\n');
    expect((await host.query(reading(['id', '-un']))).stdout).toBe('typist\n');
    expect((await host.run(['id', '-un'])).stdout).toBe('root\n');
    await host.write('/etc/by-sudo', 'written\n');
    expect(await host.read('/etc/by-sudo')).toBe('written\n');
  });

  test('has settings of the kernel of its own', async () => {
    const limit = '/proc/sys/fs/inotify/max_user_watches';
    const ours = readFileSync(limit, 'utf8');
    await machine.ask(['sysctl', '-w', 'net.ipv4.ip_forward=1', 'fs.inotify.max_user_watches=12345']);
    expect(await machine.ask(['cat', limit])).toBe('12345\n');
    expect(readFileSync(limit, 'utf8')).toBe(ours);
    expect((await machine.run(['sysctl', '-w', 'kernel.domainname=elsewhere'])).stderr).toContain('permission denied');
  });

  test('keeps its files when the power fails, and starts again', async () => {
    await machine.ask(['sh', '-c', 'echo kept >/etc/kept; sync']);
    await hosts.closeAll();
    await machine.restart();
    expect(await machine.ask(['cat', '/etc/kept'])).toBe('kept\n');
    expect(existsSync(`${rootfs()}/etc/kept`)).toBe(false);
  });

  test('leaves nothing behind', async () => {
    await machine.stop();
    await lan.remove();
    const traces = await tryRun(['sh', '-c', `ip netns; find /sys/fs/cgroup -maxdepth 2; cat /proc/mounts`]);
    expect(traces.stdout).not.toContain(LAN);
    expect(existsSync(lan.folder)).toBe(false);
  });
});
