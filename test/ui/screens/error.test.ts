import { expect, test } from 'vitest';
import { CpaasError } from '../../../src/core/errors.ts';
import { errorText } from '../../../src/ui/screens/error.ts';
import { HOSTILE, narrow } from './documents.ts';

const refused = new CpaasError('BGP.REFUSED', 'bigip1 refused a line of the change', {
  evidence: [
    { label: 'line', text: 'neighbor 172.19.0.4 peer-group calico-k8s' },
    { label: 'answer', text: '% Specify remote-as or peer-group commands first' },
    { label: 'state', text: 'nothing of this change is left on bigip1 (read back); Calico and forwarding are done' },
  ],
  next: [
    { label: 'goes on from here', command: 'cpaas up' },
    { label: 'undoes this run', command: 'cpaas rollback' },
  ],
});

test('an error names the thing, quotes the other side and gives the commands that go on', () => {
  expect(errorText({ error: refused, log: '~/cpaas1/runs/1.log' }, narrow)).toMatchInlineSnapshot(`
    "✖ BGP.REFUSED  bigip1 refused a line of the change
        line    neighbor 172.19.0.4 peer-group calico-k8s
        answer  % Specify remote-as or peer-group commands first
        state   nothing of this change is left on bigip1 (read back); Calico and
                forwarding are done
      → cpaas up         goes on from here
      → cpaas rollback   undoes this run
      → cpaas explain BGP.REFUSED
      log: ~/cpaas1/runs/1.log"
  `);
});

test('several errors are all told, and what to do next once', () => {
  const silent = new CpaasError('HOST.UNREACHABLE', 'bigip2 does not answer', {
    cause: new Error('connect ETIMEDOUT 10.10.2.21:22'),
    next: [{ label: 'goes on from here', command: 'cpaas up' }],
  });
  const error = new AggregateError([refused, new AggregateError([silent, refused])]);
  expect(errorText({ error }, narrow)).toMatchInlineSnapshot(`
    "✖ BGP.REFUSED  bigip1 refused a line of the change
        line    neighbor 172.19.0.4 peer-group calico-k8s
        answer  % Specify remote-as or peer-group commands first
        state   nothing of this change is left on bigip1 (read back); Calico and
                forwarding are done

    ✖ HOST.UNREACHABLE  bigip2 does not answer
        cause  connect ETIMEDOUT 10.10.2.21:22
      → cpaas up         goes on from here
      → cpaas rollback   undoes this run
      → cpaas explain BGP.REFUSED
      → cpaas explain HOST.UNREACHABLE"
  `);
});

test('a cause that the evidence says already is not said again', () => {
  const how = 'connect ECONNREFUSED 10.10.2.20:22';
  const refused = new CpaasError('HOST.UNREACHABLE', 'bigip1 cannot be reached', {
    cause: new Error(how),
    evidence: [{ label: 'seen', text: how }],
  });
  expect(errorText({ error: refused }, narrow).split(how)).toHaveLength(2);
});

test('a bug keeps its stack and asks to be reported; what was foreseen shows none', () => {
  const text = errorText({ error: new TypeError('x is not a function') }, narrow);
  expect(text).toMatch(/^✖ BUG {2}x is not a function\n +at .*error\.test\.ts/);
  expect(text).toContain('Please report it');
  expect(errorText({ error: refused }, narrow)).not.toContain('error.test.ts');
});

test('something thrown that is no error is told as it is', () => {
  expect(errorText({ error: 'oops' }, narrow)).toContain('BUG  oops');
});

test('a quoted device cannot move the cursor', () => {
  const error = new CpaasError('BGP.REFUSED', HOSTILE, { evidence: [{ label: 'answer', text: `${HOSTILE}\nmore` }] });
  const text = errorText({ error }, narrow);
  expect(text.split('\n').slice(1, 3)).toEqual(['    over', '    answer  evilback']);
});
