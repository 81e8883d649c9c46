import { expect, test, vi } from 'vitest';
import { summaryOf } from '../../../src/cli/failure.ts';
import { CpaasError } from '../../../src/core/errors.ts';
import { advising, advisingAdhoc } from '../../../src/session/run/advice.ts';
import { netns } from '../../../src/transport/netns.ts';

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

test('what is meant as it is stays so whatever failed: only up makes a lab', async () => {
  const root = vi.spyOn(process, 'getuid').mockReturnValue(0);
  const lost: unknown = await netns('vm', 'no-such-namespace')
    .exec(['true'], { timeout: 1000 })
    .catch((error: unknown) => error);
  root.mockRestore();
  const next = [
    { label: 'makes the lab, where there is none yet', command: 'cpaas up' },
    { label: 'shows which labs are there', command: 'cpaas lab list' },
  ];
  for (const told of [lost, advising(lost, 'down'), advisingAdhoc(advising(new AggregateError([lost]), 'down'))])
    expect(summaryOf(told)).toMatchObject({ code: 'HOST.UNREACHABLE', next });
  // how it is meant is nothing that a document says
  expect(summaryOf(lost).next).toEqual(next);
});
