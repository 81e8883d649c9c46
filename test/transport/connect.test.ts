import { expect, it } from 'vitest';
import type { Event } from '../../src/core/events.ts';
import type { HostTable } from '../../src/core/host-spec.ts';
import { reading } from '../../src/core/reading.ts';
import { type ConnectOptions, openHosts } from '../../src/transport/connect.ts';
import { createSecrets } from '../../src/transport/secrets.ts';

const table: HostTable = { local: { name: 'this machine', reach: { via: 'local' } } };
const hosts = (options: Partial<ConnectOptions> = {}) =>
  openHosts(table, { secrets: createSecrets({ terminal: false }), emit: () => {}, ...options });

it('a machine that becomes known while running is one like the others', async () => {
  const all = hosts();
  all.add('later', { name: 'vm', reach: { via: 'local' }, identity: 'serial 1' });
  const later = all.host('later');
  expect((await later.query(reading(['echo', 'x']))).stdout).toBe('x\n');
  expect(await all.identity('later')).toBe('serial 1');
  all.add('later', { name: 'vm', reach: { via: 'local' }, identity: 'serial 1' });
  expect(all.host('later')).toBe(later);
  all.add('later', { name: 'renamed', reach: { via: 'local' } });
  expect(all.host('later').name).toBe('renamed');
  await all.closeAll();
});

it('a machine that only the journal names has its key for a name, and every call says that nobody knows the way', async () => {
  const all = hosts();
  const lost = all.host('ssh://root@10.10.2.29');
  expect(lost.name).toBe('ssh://root@10.10.2.29');
  const next = expect.arrayContaining([expect.objectContaining({ command: `cpaas forget ${lost.name}` })]);
  const told = { code: 'HOST.UNKNOWN', next };
  await expect(lost.query(reading(['true']))).rejects.toMatchObject(told);
  await expect(lost.queryAll([reading(['true'])])).rejects.toMatchObject(told);
  await expect(lost.read('/etc/hostname')).rejects.toMatchObject(told);
  await expect(lost.run(['true'])).rejects.toMatchObject(told);
  await expect(lost.write('/nowhere', '')).rejects.toMatchObject(told);
  await expect(lost.open(['sh'])).rejects.toMatchObject(told);
  await expect(all.identity('ssh://root@10.10.2.29')).rejects.toMatchObject(told);
  await all.closeAll();
});

it('a machine that shows no identity is known by its key', async () => {
  expect(await hosts().identity('local')).toBe('local');
});

it('a command that does not say gets the deadline of all', async () => {
  const host = hosts({ commandTimeout: 200 }).host('local');
  await expect(host.run(['sleep', '20'])).rejects.toMatchObject({ code: 'HOST.TIMEOUT' });
  await expect(host.queryAll([reading(['true']), reading(['true'], { timeout: 20_000 })])).resolves.toHaveLength(2);
});

it('every command is told, a file that is read as a reading one, with what became of it', async () => {
  const events: Event[] = [];
  const host = hosts({ emit: (event) => events.push(event) }).host('local');
  await host.read('/etc/hostname');
  await host.queryAll([reading(['true']), reading(['test', '-e', '/nowhere'], { codes: [1] })]);
  await host.run(['sh', '-c', 'exit 3']).catch(() => {});
  await host.write('/nowhere/file', 'x').catch(() => {});
  expect(events.map((event) => event.type === 'command' && [event.argv[0], event.reads, event.code])).toEqual([
    ['env', true, 0],
    ['true', true, 0],
    ['test', true, 1],
    ['sh', false, 3],
    ['sh', false, 1],
  ]);
});

it('a command that was never answered is told without an exit code', async () => {
  const events: Event[] = [];
  const stop = new AbortController();
  const host = hosts({ emit: (event) => events.push(event), signal: stop.signal }).host('local');
  stop.abort(new Error('Ctrl-C'));
  await expect(host.query(reading(['true']))).rejects.toThrow('Ctrl-C');
  expect(events).toMatchObject([{ argv: ['true'] }]);
  expect(events[0]).not.toHaveProperty('code');
});
