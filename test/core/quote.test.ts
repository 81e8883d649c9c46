import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quote, quoteAll } from '../../src/core/quote.ts';

it('whatever is quoted arrives as it is', () => {
  const word = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\0'));
  const awkward = fc.string({
    unit: fc.constantFrom("'", '"', '\\', '$', '`', '\n', ' ', '!', '-', '~', '*'),
    maxLength: 8,
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(word, awkward), { minLength: 1, maxLength: 20 }), (words) => {
      const said = execFileSync('sh', ['-c', quoteAll(['printf', '%s\\0', ...words])], { encoding: 'utf8' });
      expect(said.split('\0').slice(0, -1)).toEqual(words);
    }),
    { numRuns: 50 },
  );
});

it('words without meaning to a shell stay as they are, for people who read along', () => {
  expect(quoteAll(['ip', '-j', 'route', 'get', '10.0.0.1/32'])).toBe('ip -j route get 10.0.0.1/32');
});

it('a NUL character is a bug of whoever asks', () => {
  expect(() => quote('a\0b')).toThrow('NUL');
});
