import { describe, expect, test } from 'vitest';
import { run } from '../../../src/lab/machines/run.ts';

describe('run', () => {
  test('gives what a program printed', async () => {
    expect(await run(['cat'], 'hello\n')).toBe('hello\n');
  });

  test('a failure quotes the program, and the line of a batch it stopped at', async () => {
    const program = 'cat > /dev/null; echo "RTNETLINK answers: File exists\nCommand failed -:2" >&2; exit 1';
    await expect(run(['sh', '-c', program], 'addr add a\naddr add b\n')).rejects.toMatchObject({
      code: 'LAB.FAILED',
      evidence: [{ label: 'answer' }, { label: 'line', text: 'addr add b' }],
    });
  });

  test('what the kernel cannot do has a code of its own', async () => {
    const program = 'echo "RTNETLINK answers: Operation not supported" >&2; exit 2';
    await expect(run(['sh', '-c', program])).rejects.toMatchObject({ code: 'LAB.KERNEL' });
  });
});
