import { expect, test } from 'vitest';
import { junitXml } from '../../../src/ui/screens/junit.ts';
import { HOSTILE } from './documents.ts';

test('a report is JUnit XML with a case for each check', () => {
  const checks = [
    { id: 'a', title: 'session Established', subject: 'agent-0 <-> bigip1', result: 'pass', detail: '', seconds: 0.25 },
    {
      id: 'b',
      title: 'TCP',
      subject: 'agent-1',
      result: 'fail',
      detail: 'no answer from "10.53.0.1" & co',
      seconds: 2,
    },
    { id: 'c', title: 'TCP', subject: 'agent-2', result: 'skip', detail: 'no pod', seconds: 0 },
  ] as const;
  expect(junitXml({ checks, summary: { pass: 1, fail: 1, skip: 1 } })).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="cpaas verify" tests="3" failures="1" skipped="1" time="2.250">
      <testsuite name="cpaas verify" tests="3" failures="1" errors="0" skipped="1" time="2.250">
        <testcase classname="agent-0 &lt;-&gt; bigip1" name="session Established" time="0.250"/>
        <testcase classname="agent-1" name="TCP" time="2.000"><failure message="no answer from &quot;10.53.0.1&quot; &amp; co"/></testcase>
        <testcase classname="agent-2" name="TCP" time="0.000"><skipped message="no pod"/></testcase>
      </testsuite>
    </testsuites>
    "
  `);
});

test('what XML cannot hold is left out', () => {
  const checks = [{ id: 'a', title: HOSTILE, subject: 's', result: 'pass', detail: '', seconds: 0 }] as const;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there.
  expect(junitXml({ checks, summary: { pass: 1, fail: 0, skip: 0 } })).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
});
