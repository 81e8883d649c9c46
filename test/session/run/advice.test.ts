import { expect, test } from 'vitest';
import { CpaasError } from '../../../src/core/errors.ts';
import { advising } from '../../../src/session/run/advice.ts';

const failed = new CpaasError('STEP.UNPROVEN', 'not so', {
  evidence: [{ label: 'still due', text: 'a route' }],
  next: [
    { label: 'tries again from here', command: 'cpaas up' },
    { label: 'shows all of it', command: 'cpaas plan' },
  ],
});

test('who takes things away is not told to make them again', () => {
  expect(advising(failed, 'down')).toMatchObject({
    code: 'STEP.UNPROVEN',
    evidence: [{ label: 'still due' }],
    next: [{ label: 'tries again from here', command: 'cpaas down' }, { command: 'cpaas plan' }],
  });
  expect(advising(new AggregateError([failed]), 'rollback')).toMatchObject({
    errors: [{ next: [{ command: 'cpaas rollback' }, { command: 'cpaas plan' }] }],
  });
});

test('who makes things is, and a bug stays what it is', () => {
  expect(advising(failed, 'up')).toBe(failed);
  const bug = new TypeError('x');
  expect(advising(bug, 'down')).toBe(bug);
});
