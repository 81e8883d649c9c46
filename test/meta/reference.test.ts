import { expect, test } from 'vitest';
import { commandReference } from './command-reference.ts';

test('docs/reference/commands.md is what --help says; scripts/docs makes it anew', async () => {
  await expect(await commandReference()).toMatchFileSnapshot('../../docs/reference/commands.md');
});
