import { once } from 'node:events';
import { expect, it } from 'vitest';
import { local } from '../../src/transport/local.ts';
import { transportContract } from './contract.ts';

transportContract('this machine', () => local('this machine'));

it('a program that may not be run ends with 126', async () => {
  expect(await local('here').exec(['/etc/passwd'])).toMatchObject({ code: 126 });
});

it('arguments that are longer than the kernel takes: the program cannot be started', async () => {
  await expect(local('here').exec(['true', 'x'.repeat(3_000_000)])).rejects.toMatchObject({
    code: 'HOST.COMMAND',
    evidence: [expect.anything(), { label: 'seen', text: expect.stringContaining('E2BIG') }],
  });
});

it('a conversation with a program that has left is closed at both ends', async () => {
  const stream = await local('here').open(['true']);
  stream.resume();
  await once(stream, 'close');
});
