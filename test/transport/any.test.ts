import { expect, test } from 'vitest';
import { CpaasError } from '../../src/core/errors.ts';
import type { Connection } from '../../src/core/transport.ts';
import { any } from '../../src/transport/any.ts';

const FILE = '/etc/kubernetes/admin.conf';

/** A machine that has the file or not, or whose way fails; it tells what it was asked, by its name. */
function machine(name: string, is: 'having' | 'empty' | CpaasError, asked: string[]): Connection {
  const exec: Connection['exec'] = async (argv) => {
    if (is instanceof CpaasError) throw is;
    if (argv[0] === 'test') return { stdout: '', stderr: '', code: argv.at(-1) === FILE && is === 'having' ? 0 : 1 };
    asked.push(`${name} ${argv.join(' ')}`);
    return { stdout: `${name}\n`, stderr: '', code: 0 };
  };
  const unused = () => Promise.reject(new Error('nobody asked for it'));
  return { name, exec, start: unused, open: unused, close: async () => expect.unreachable('it is not its to close') };
}
const away = (name: string) => new CpaasError('HOST.UNREACHABLE', `${name} cannot be reached`);

test.each([
  [['having', 'having'], 'one'],
  [[away('one'), 'having'], 'two'],
  [['empty', 'having'], 'two'],
  [['empty', 'empty'], 'one'],
  [[away('one'), 'empty'], 'two'],
] as const)('of %j the one is asked that can say something, and it stays that one', async (are, who) => {
  const asked: string[] = [];
  const machines = are.map((is, at) => machine(['one', 'two'][at] ?? '', is, asked));
  const connection = any('several', FILE, () => machines);
  for (const word of ['first', 'second']) expect((await connection.exec([word])).stdout).toBe(`${who}\n`);
  expect(asked).toEqual([`${who} first`, `${who} second`]);
  await connection.close();
});

test('where none can be reached the first one says why, and they are tried again', async () => {
  const asked: string[] = [];
  const machines = [machine('one', away('one'), asked), machine('two', away('two'), asked)];
  const connection = any('several', FILE, () => machines);
  await expect(connection.exec(['true'])).rejects.toMatchObject({ message: 'one cannot be reached' });
  machines[1] = machine('two', 'having', asked);
  expect((await connection.exec(['hostname'])).stdout).toBe('two\n');
});

test('a login that is refused is no machine that is away', async () => {
  const refused = new CpaasError('HOST.AUTH', 'one does not let root log in');
  const connection = any('several', FILE, () => [machine('one', refused, []), machine('two', 'having', [])]);
  await expect(connection.exec(['true'])).rejects.toBe(refused);
});
