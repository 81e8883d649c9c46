import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CpaasError } from '../../src/core/errors.ts';
import type { Event } from '../../src/core/events.ts';
import { quote } from '../../src/core/quote.ts';
import { redactError } from '../../src/transport/redact.ts';
import { createSecrets } from '../../src/transport/secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpaas-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
  return join(folder, name);
};
const missing = { code: 'SECRET.MISSING' };

it('comes from the environment, a file or a command', async () => {
  const secrets = createSecrets({ env: { HERE: 'a b' }, terminal: false });
  expect(await secrets.reveal({ env: 'HERE' })).toBe('a b');
  expect(await secrets.reveal({ file: file('two', 'first \r\nsecond\n') })).toBe('first ');
  expect(await secrets.reveal({ command: ['printf', '%s\\nmore', '$(id)'] })).toBe('$(id)');
});

it('is missing where the reference leads nowhere', async () => {
  const secrets = createSecrets({ env: { EMPTY: '' }, terminal: false });
  await expect(secrets.reveal({ env: 'EMPTY' })).rejects.toMatchObject(missing);
  await expect(secrets.reveal({ file: join(folder, 'absent') })).rejects.toMatchObject(missing);
  await expect(secrets.reveal({ file: file('empty', '\nsecond') })).rejects.toMatchObject(missing);
  await expect(secrets.reveal({ command: ['false'] })).rejects.toMatchObject(missing);
  await expect(secrets.reveal({ command: ['cpaas-absent'] })).rejects.toMatchObject(missing);
  await expect(secrets.reveal({ prompt: 'Password?' })).rejects.toMatchObject(missing);
});

it('of a proxy is hidden without being fetched', () => {
  expect(createSecrets({ hide: ["it's"] }).redact(`via http://ada:it's@proxy, ${quote("it's")}`)).toBe(
    'via http://ada:•••@proxy, •••',
  );
});

it('is fetched once, however often it is asked for', async () => {
  const secrets = createSecrets({ terminal: false });
  const command = ['sh', '-c', 'echo x >> "$0"; wc -l < "$0"', join(folder, 'count')];
  const all = await Promise.all([secrets.reveal({ command }), secrets.reveal({ command })]);
  expect([...all, await secrets.reveal({ command })]).toEqual(['1', '1', '1']);
});

it('in a file that others can read is used, with a warning', async () => {
  const events: Event[] = [];
  const secrets = createSecrets({ emit: (event) => events.push(event) });
  const path = file('open', 'x1');
  await secrets.reveal({ file: path });
  expect(events).toEqual([]);
  chmodSync(path, 0o644);
  await createSecrets({ emit: (event) => events.push(event) }).reveal({ file: path });
  expect(events).toMatchObject([{ type: 'warning', text: expect.stringContaining('chmod 600') }]);
});

it('stays out of texts, also as a shell or JSON writes it, and where one is part of another', async () => {
  const secrets = createSecrets({ env: { A: `it's "a"`, B: `it's "a" longer` } });
  await secrets.reveal({ env: 'A' });
  await secrets.reveal({ env: 'B' });
  for (const secret of [`it's "a"`, `it's "a" longer`])
    for (const text of [secret, quote(secret), JSON.stringify({ secret })])
      expect(secrets.redact(`<${text}>`)).toMatch(/^<({"secret":")?•••("})?>$/);
  expect(secrets.redact('nothing here')).toBe('nothing here');
});

it('stays out of errors, down to their causes', async () => {
  const secrets = createSecrets({ env: { A: 'open-sesame' } });
  await secrets.reveal({ env: 'A' });
  const error = new CpaasError('HOST.COMMAND', 'said open-sesame', {
    cause: new Error('because of open-sesame', { cause: new TypeError('open-sesame') }),
    evidence: [{ label: 'answer', text: 'no open-sesame' }],
    next: [{ label: 'open-sesame', command: 'try open-sesame' }],
  });
  const clean = redactError(error, secrets) as CpaasError;
  const { inspect } = await import('node:util');
  expect(inspect(clean, { depth: 9 })).not.toContain('sesame');
  expect(clean).toMatchObject({
    code: 'HOST.COMMAND',
    message: 'said •••',
    evidence: [{ label: 'answer', text: 'no •••' }],
  });
  const plain = new RangeError('nothing to hide');
  expect(redactError(plain, secrets)).toBe(plain);
});
