import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { baseFolder } from '../../src/process/base-folder.ts';

test.each([
  ['named', { XDG_STATE_HOME: '/var/state', HOME: '/home/u' }, '/var/state'],
  ['not named', { HOME: '/home/u' }, '/home/u/.local/state'],
  ['empty', { XDG_STATE_HOME: '', HOME: '/home/u' }, '/home/u/.local/state'],
  ['relative', { XDG_STATE_HOME: 'state', HOME: '/home/u' }, '/home/u/.local/state'],
  ['below a home that is empty', { HOME: '' }, join(userInfo().homedir, '.local/state')],
  ['below a home that is relative', { HOME: '.' }, join(userInfo().homedir, '.local/state')],
])('a base folder that is %s', (_, env, folder) => {
  expect(baseFolder('XDG_STATE_HOME', env)).toBe(folder);
});
