import { describe, expect, test } from 'vitest';
import { CpaasError } from '../../src/core/errors.ts';
import { reading } from '../../src/core/reading.ts';
import type { Output } from '../../src/core/transport.ts';
import { SharedAnswers } from '../../src/engine/shared-answers.ts';

const one = reading(['cat', '/one']);
const other = reading(['cat', '/other']);
const failing = reading(['cat', '/none']);

/** A host that counts its round trips; every answer is another one. */
function host() {
  const trips: string[][] = [];
  let count = 0;
  const queryAll = async (commands: readonly { argv: readonly string[]; codes: readonly number[] }[]) => {
    trips.push(commands.map(({ argv }) => argv.join(' ')));
    return commands.map(({ argv, codes }): Output => {
      const code = argv.includes('/none') ? 1 : 0;
      if (code !== 0 && !codes.includes(code)) throw new CpaasError('HOST.COMMAND', `${argv.join(' ')} ended with 1`);
      return { stdout: `${++count}`, stderr: '', code };
    });
  };
  const query = async (command: Parameters<typeof queryAll>[0][number]) => (await queryAll([command]))[0] as Output;
  const answers = new SharedAnswers({ host: () => ({ name: 'u', query, queryAll }) } as never);
  return { trips, answers, ask: (reader = answers.reader()) => reader.host('u') };
}

describe('Answers that looks share', () => {
  test('are asked for in one round trip, each question once', async () => {
    const { trips, answers, ask } = host();
    await Promise.all([answers.prepare('u', [one, other, one]), answers.prepare('u', [one, other, one])]);
    expect([(await ask().query(one)).stdout, (await ask().query(other)).stdout]).toEqual(['1', '2']);
    expect((await ask().queryAll([other, one])).map(({ stdout }) => stdout)).toEqual(['2', '1']);
    expect(trips).toEqual([['cat /one', 'cat /other']]);
  });

  test('are fetched where nobody has said that he would ask, and kept for the next who does', async () => {
    const { trips, answers, ask } = host();
    await answers.prepare('u', [one]);
    expect((await ask().queryAll([other, one])).map(({ stdout }) => stdout)).toEqual(['2', '1']);
    expect((await ask().query(other)).stdout).toBe('2');
    expect(trips).toEqual([['cat /one'], ['cat /other']]);
  });

  test('are news to whoever asks again: he waits for something', async () => {
    const { answers, ask } = host();
    await answers.prepare('u', [one]);
    const look = ask();
    expect((await look.query(one)).stdout).toBe('1');
    expect((await look.query(one)).stdout).toBe('2');
    expect((await ask().query(one)).stdout).toBe('2');
  });

  test('do not hide a question that has no answer: its own look is told', async () => {
    const { answers, ask } = host();
    await answers.prepare('u', [one, failing]);
    expect((await ask().query(one)).code).toBe(0);
    await expect(ask().query(failing)).rejects.toMatchObject({ code: 'HOST.COMMAND' });
  });

  test('are no answer to a look for which such an end is a failure', async () => {
    const { answers, ask } = host();
    await answers.prepare('u', [reading(failing.argv, { codes: [1] })]);
    await expect(ask().query(failing)).rejects.toMatchObject({ code: 'HOST.COMMAND' });
  });

  test('are not there where the host is not', async () => {
    const dead = new CpaasError('HOST.UNREACHABLE', 'gone');
    const answers = new SharedAnswers({ host: () => ({ queryAll: () => Promise.reject(dead) }) } as never);
    await expect(answers.prepare('u', [one])).rejects.toBe(dead);
  });
});
