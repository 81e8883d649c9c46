import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { algorithmsFor, judge, keysKnownFor, knownHostName } from '../../src/transport/ssh/known-hosts.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpaas-known-'));
afterAll(() => rmSync(folder, { recursive: true }));

const key = (name: string) => Buffer.from(name);
const line = (hosts: string, name: string, type = 'ssh-ed25519') => `${hosts} ${type} ${key(name).toString('base64')}`;
let files = 0;
const known = (host: string, ...lines: string[]) => {
  const file = join(folder, `known_hosts${files++}`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return keysKnownFor(host, [join(folder, 'absent'), file]);
};
const verdict = async (host: string, shown: string, ...lines: string[]) =>
  judge(await known(host, ...lines), key(shown)).verdict;

it('a port other than 22 is part of the name', async () => {
  expect(knownHostName('Host', 22)).toBe('host');
  expect(knownHostName('::1', 2222)).toBe('[::1]:2222');
  expect(await verdict('[h]:2222', 'a', line('h', 'a'))).toBe('unknown');
  expect(await verdict('[h]:2222', 'a', line('[h]:2222', 'a'))).toBe('known');
});

it('lists, wildcards and exceptions name hosts', async () => {
  expect(await verdict('10.1.20.11', 'a', line('bigip1,10.1.20.1?', 'a'))).toBe('known');
  expect(await verdict('10x1', 'a', line('10.1', 'a'))).toBe('unknown');
  expect(await verdict('b.example.com', 'a', line('*.example.com,!b.*', 'a'))).toBe('unknown');
  expect(await verdict('c.example.com', 'a', line('*.EXAMPLE.com,!b.*', 'a'))).toBe('known');
});

it('comments, broken lines and markers that nobody knows say nothing', async () => {
  expect(await known('h', '# h x y', '', 'h', 'h ssh-rsa', `@other ${line('h', 'a')}`)).toEqual([]);
});

it('one equal key is enough, wherever others stand', async () => {
  expect(await verdict('h', 'b', line('h', 'a'), line('h', 'b'))).toBe('known');
});

it('another key than the known ones is a changed one, also when it is of another type', async () => {
  expect(await verdict('h', 'b', line('h', 'a', 'ssh-rsa'))).toBe('changed');
  expect(judge(await known('h', '', line('h', 'a')), key('b'))).toMatchObject({
    expected: [{ where: expect.stringMatching(/known_hosts\d+:2$/) }],
  });
});

it('a revoked key is refused, whoever else knows it', async () => {
  expect(await verdict('h', 'a', line('h', 'a'), `@revoked ${line('*', 'a')}`)).toBe('revoked');
});

it('a certificate authority vouches for nobody, and is mentioned', async () => {
  expect(judge(await known('h', `@cert-authority ${line('*', 'ca')}`), key('a'))).toMatchObject({
    verdict: 'unknown',
    authorities: [{ marker: 'cert-authority' }],
  });
});

it('algorithms whose keys are known are offered first, and none is left out', async () => {
  const lines = await known('h', line('h', 'a', 'ssh-rsa'), line('h', 'b', 'ecdsa-sha2-nistp521'));
  const offered = algorithmsFor(lines);
  expect(offered.slice(0, 4)).toEqual(['ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']);
  expect([...offered].sort()).toEqual([...algorithmsFor([])].sort());
});
