import { expect, it } from 'vitest';
import { local } from '../../src/transport/local.ts';
import { transportContract } from './contract.ts';

transportContract('this machine', () => local('this machine'));

it('a program that may not be run ends with 126', async () => {
  expect(await local('here').exec(['/etc/passwd'])).toMatchObject({ code: 126 });
});
