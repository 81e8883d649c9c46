import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quote, quoteAll, quoteForAnyShell } from '../../src/core/quote.ts';

it.each([
  ['', quoteAll],
  [', also where the shell may be fish or csh', quoteForAnyShell],
])('whatever is quoted arrives as it is%s', (_, line) => {
  const word = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\0'));
  const awkward = fc.string({
    unit: fc.constantFrom("'", '"', '\\', '$', '`', '\n', ' ', '!', '-', '~', '*'),
    maxLength: 8,
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(word, awkward), { minLength: 1, maxLength: 20 }), (words) => {
      const said = execFileSync('sh', ['-c', line(['printf', '%s\\0', ...words])], { encoding: 'utf8' });
      expect(said.split('\0').slice(0, -1)).toEqual(words);
    }),
    { numRuns: 50 },
  );
});

it('words without meaning to a shell stay as they are, for people who read along', () => {
  expect(quoteAll(['ip', '-j', 'route', 'get', '10.0.0.1/32'])).toBe('ip -j route get 10.0.0.1/32');
});

/** Which of them are installed: they are no part of a usual system. */
const others = ['fish', 'tcsh'].filter((shell) => spawnSync(shell, ['-c', 'true']).status === 0);

it('what fish and csh read in quotes stands outside of them', () => {
  const words = ['plain', 'end\\', 'two\\\\', 'bang!x', "it's", '$HOME `id` "x"', '{a,b}', '*', ''];
  expect(quoteForAnyShell(words.slice(0, 5)).split(' ')).toEqual([
    'plain',
    `'end'\\\\''`,
    `'two'\\\\''\\\\''`,
    `'bang'\\!'x'`,
    `'it'\\''s'`,
  ]);
  for (const shell of [...others, 'sh']) {
    const said = execFileSync(shell, ['-c', quoteForAnyShell(['printf', '%s|', ...words])], { encoding: 'utf8' });
    expect(said.split('|').slice(0, -1), shell).toEqual(words);
  }
});

it('a NUL character is a bug of whoever asks', () => {
  expect(() => quote('a\0b')).toThrow('NUL');
});
