import { expect, test } from 'vitest';
import { exitOf, summaryOf } from '../../src/cli/failure.ts';
import { CpaasError } from '../../src/core/errors.ts';
import { Declined } from '../../src/engine/consent.ts';

const never = { interrupted: new AbortController().signal };
const foreseen = new CpaasError('HOST.UNREACHABLE', 'bigip1 cannot be reached', {
  next: [{ label: 'see whether it answers', command: 'ssh bigip1' }],
});

test('what was foreseen ends with 2, a bug with 1, a no with 3', () => {
  expect(exitOf(foreseen, never)).toBe(2);
  expect(exitOf(new TypeError('x is not a function'), never)).toBe(1);
  expect(exitOf(new Declined(false), never)).toBe(3);
  expect(new Declined(false).code).toBe('CONSENT.DECLINED');
});

test('a bug among foreseen failures is a bug', () => {
  expect(exitOf(new AggregateError([foreseen, new TypeError('x')]), never)).toBe(1);
});

test('whatever was thrown after a Ctrl-C, the exit is 130', () => {
  const pressed = new AbortController();
  pressed.abort();
  expect(exitOf(foreseen, { interrupted: pressed.signal })).toBe(130);
});

test('a bug has a code in documents, too', () => {
  expect(summaryOf(new TypeError('x is not a function')).code).toBe('CPAAS.BUG');
});

test('a document advises commands about the cluster that the call was about, as the terminal does', () => {
  const missing = new CpaasError('CONFIG.MISSING', 'none', { next: [{ label: 'writes one', command: 'cpaas init' }] });
  expect(summaryOf(missing, {}, { file: 'a b.yaml' }).next).toEqual([
    { label: 'writes one', command: "cpaas init -f 'a b.yaml'" },
  ]);
});

test('several failures are one error with everything that can be done next', () => {
  const other = new CpaasError('BGP.REFUSED', 'bigip2 refused a line of the change', {
    evidence: [{ label: 'line', text: 'neighbor' }],
    next: [{ label: 'undoes this run', command: 'cpaas rollback' }],
  });
  expect(summaryOf(new AggregateError([foreseen, other]))).toMatchObject({
    code: 'HOST.UNREACHABLE',
    message: 'bigip1 cannot be reached; bigip2 refused a line of the change',
    next: [{ command: 'ssh bigip1' }, { command: 'cpaas rollback' }],
  });
});
