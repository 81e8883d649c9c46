import { describe, expect, test } from 'vitest';
import { CpaasError, type ErrorCode } from '../../src/core/errors.ts';
import { type ReadCommand, reading } from '../../src/core/reading.ts';
import type { Output } from '../../src/core/transport.ts';
import { SharedAnswers } from '../../src/engine/shared-answers.ts';

const one = reading(['cat', '/one']);
const other = reading(['cat', '/other']);
const third = reading(['cat', '/third']);
const failing = reading(['cat', '/none']);
const slow = reading(['sha256sum', '/large'], { slow: true });

/** Hosts that write down their round trips; every answer is another one. `broken`: a question that spoils the round trip it is in. */
function hosts(broken?: { readonly question: ReadCommand; readonly code: ErrorCode }) {
  const trips: string[] = [];
  let count = 0;
  const host = (name: string) => {
    const queryAll = async (commands: readonly ReadCommand[]) => {
      trips.push(`${name}: ${commands.map(({ argv }) => argv.join(' ')).join(', ')}`);
      if (broken && commands.some(({ argv }) => argv === broken.question.argv))
        throw new CpaasError(broken.code, `${name}: no end of it`);
      return commands.map(({ argv, codes }): Output => {
        const code = argv.includes('/none') ? 1 : 0;
        if (code !== 0 && !codes.includes(code)) throw new CpaasError('HOST.COMMAND', `${argv.join(' ')} ended with 1`);
        return { stdout: `${++count}`, stderr: '', code };
      });
    };
    return { name, query: async (command: ReadCommand) => (await queryAll([command]))[0] as Output, queryAll };
  };
  const answers = new SharedAnswers({ host } as never);
  return { trips, look: (name = 'u') => answers.reader().host(name) };
}

const said = (outputs: readonly Output[]) => outputs.map(({ stdout }) => stdout);

describe('What looks ask at the same time', () => {
  test('goes to each host in one round trip, each question once', async () => {
    const { trips, look } = hosts();
    const found = await Promise.all([
      look().queryAll([one, other]),
      look()
        .query(other)
        .then((answer) => [answer]),
      Promise.resolve()
        .then(() => look().query(third))
        .then((answer) => [answer]),
      look('v').queryAll([one]),
    ]);
    expect(trips).toEqual(['u: cat /one, cat /other, cat /third', 'v: cat /one']);
    expect(found.map(said)).toEqual([['1', '2'], ['2'], ['3'], ['4']]);
  });

  test('goes there in the next one where it follows from an answer', async () => {
    const { trips, look } = hosts();
    const following = async (first: ReadCommand, second: ReadCommand) => {
      const host = look();
      await host.query(first);
      return host.query(second);
    };
    await Promise.all([following(one, third), following(other, slow), following(one, third)]);
    expect(trips).toEqual(['u: cat /one, cat /other', 'u: cat /third', 'u: sha256sum /large']);
  });

  test('keeps nobody waiting for what takes long', async () => {
    const { trips, look } = hosts();
    await Promise.all([look().queryAll([one, slow]), look().query(other), look().query(slow)]);
    expect(trips).toEqual(['u: cat /one, cat /other', 'u: sha256sum /large']);
  });

  test('is known to looks that come later', async () => {
    const { trips, look } = hosts();
    await look().query(one);
    expect(said(await look().queryAll([other, one]))).toEqual(['2', '1']);
    expect(trips).toEqual(['u: cat /one', 'u: cat /other']);
  });
});

describe('A look', () => {
  test('that asks again is told news: it waits for something', async () => {
    const { look } = hosts();
    await look().query(one);
    const again = look();
    expect((await again.query(one)).stdout).toBe('1');
    expect((await again.query(one)).stdout).toBe('2');
    expect((await look().query(one)).stdout).toBe('2');
  });

  test('whose question has no answer is told so by the host, the others have theirs', async () => {
    const { look } = hosts();
    const [fine, failed, taken] = await Promise.allSettled([
      look().queryAll([one, other]),
      look().queryAll([one, failing]),
      look().query(reading(failing.argv, { codes: [1] })),
    ]);
    expect(fine).toMatchObject({ status: 'fulfilled' });
    expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'cat /none ended with 1' } });
    expect(taken).toMatchObject({ status: 'fulfilled', value: { code: 1 } });
  });

  test.each(['HOST.COMMAND', 'HOST.OUTPUT', 'HOST.TIMEOUT'] as const)(
    'whose question spoils the round trip (%s) is told so, the others ask again without it',
    async (code) => {
      const { trips, look } = hosts({ question: third, code });
      const [fine, spoilt] = await Promise.allSettled([look().queryAll([one, other]), look().query(third)]);
      expect(fine).toMatchObject({ status: 'fulfilled', value: [{ stdout: '1' }, { stdout: '2' }] });
      expect(spoilt).toMatchObject({ status: 'rejected', reason: { code } });
      expect(trips.toSorted()).toEqual([
        'u: cat /one, cat /other',
        'u: cat /one, cat /other, cat /third',
        'u: cat /third',
      ]);
    },
  );

  test('whose slow question has no answer is told so without another try', async () => {
    const { trips, look } = hosts({ question: slow, code: 'HOST.TIMEOUT' });
    const [fine, spoilt] = await Promise.allSettled([look().query(one), look().query(slow)]);
    expect(fine).toMatchObject({ status: 'fulfilled' });
    expect(spoilt).toMatchObject({ status: 'rejected', reason: { code: 'HOST.TIMEOUT' } });
    expect(trips).toEqual(['u: cat /one', 'u: sha256sum /large']);
  });

  test('at a host that is not there is told so once for all', async () => {
    const { trips, look } = hosts({ question: one, code: 'HOST.UNREACHABLE' });
    const ends = await Promise.allSettled([look().query(one), look().query(other), look().queryAll([third])]);
    expect(ends.map((end) => end.status === 'rejected' && end.reason.code)).toEqual(Array(3).fill('HOST.UNREACHABLE'));
    expect(trips).toHaveLength(1);
  });
});
