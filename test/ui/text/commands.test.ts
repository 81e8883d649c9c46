import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quote, shellLines } from '../../../src/ui/text/commands.ts';

test('harmless words stay as they are', () => {
  expect(['kubectl', '--kubeconfig=/run/x', 'a,b:c@d'].map(quote).join(' ')).toBe(
    'kubectl --kubeconfig=/run/x a,b:c@d',
  );
});

test('what a shell would take apart is quoted', () => {
  expect(quote("it's $HOME; rm -rf *")).toBe(`'it'\\''s $HOME; rm -rf *'`);
  expect(quote('')).toBe("''");
});

test('control characters never stand raw in a command that is shown', () => {
  expect(quote('a\u001b[2Jb\nc')).toBe("$'a\\u001b[2Jb\\nc'");
});

const env = { ...process.env, LC_ALL: 'C.UTF-8' };

test('bash reads back any words, and any input', () => {
  const words = fc.array(
    fc.string({ unit: 'binary' }).filter((word) => !word.includes('\0')),
    { maxLength: 4 },
  );
  const input = fc.option(
    fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
    { nil: undefined },
  );
  fc.assert(
    fc.property(words, input, (argv, stdin) => {
      const script = shellLines({ argv: ['printf', '%s\\0', ...argv], ...(stdin === undefined ? {} : { stdin }) });
      const read = execFileSync('bash', ['-c', script.join('\n')], { env }).toString();
      expect(read).toBe(argv.length > 0 ? argv.map((word) => `${word}\0`).join('') : '\0');
      if (stdin === undefined) return;
      const echoed = execFileSync('bash', ['-c', shellLines({ argv: ['cat'], stdin }).join('\n')], { env }).toString();
      expect(echoed).toBe(stdin);
    }),
    { numRuns: 40 },
  );
});

test('a here-document ends where its text does not', () => {
  const [first, ...rest] = shellLines({ argv: ['cat'], stdin: 'EOF\nx\n' });
  expect(first).toBe("cat <<'EOF_'");
  expect(rest).toEqual(['EOF', 'x', 'EOF_']);
});
