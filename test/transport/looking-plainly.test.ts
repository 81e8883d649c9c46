import { expect, it } from 'vitest';
import { type ReadCommand, reading } from '../../src/core/reading.ts';
import type { Transport } from '../../src/core/transport.ts';
import { lookingPlainly } from '../../src/transport/looking-plainly.ts';

/** A machine as one user of it sees it: every answer is his name and what was asked. */
const as = (user: string): Transport => {
  const said = (argv: readonly string[]) => ({ stdout: `${user}: ${argv.join(' ')}`, stderr: '', code: 0 });
  return {
    name: 'here',
    query: async ({ argv }) => said(argv),
    queryAll: async (commands: readonly ReadCommand[]) => commands.map(({ argv }) => said(argv)),
    read: async (path) => `${user}: ${path}`,
    run: async (argv) => said(argv),
    write: async () => {},
    follow: async function* () {},
    open: async () => Promise.reject(new Error('no conversation')),
  };
};
const host = lookingPlainly(as('root'), as('ada'));

it('what root alone may see is asked as root, everything else as the user, in the order of the questions', async () => {
  const questions = [
    ['ip', 'route', 'show'],
    ['iptables-save'],
    ['env', 'LC_ALL=C', 'dumpe2fs', '-h', '/dev/x'],
    ['id', '-un'],
  ];
  expect((await host.queryAll(questions.map((argv) => reading(argv)))).map(({ stdout }) => stdout)).toEqual([
    'ada: ip route show',
    'root: iptables-save',
    'root: env LC_ALL=C dumpe2fs -h /dev/x',
    'ada: id -un',
  ]);
  expect((await host.query(reading(['iptables-nft-save']))).stdout).toBe('root: iptables-nft-save');
  expect(await host.read('/etc/os-release')).toBe('ada: /etc/os-release');
});

it('what changes something is root’s', async () => {
  expect((await host.run(['true'])).stdout).toBe('root: true');
});
