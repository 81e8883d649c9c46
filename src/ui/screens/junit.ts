import type { Check, VerifyDocument } from '../../core/documents.ts';
import { harmlessText } from '../text/harmless.ts';

/** A verify report in the JUnit XML that CI systems read: one test case a check, its subject as class name. */
export function junitXml({ checks, summary }: VerifyDocument): string {
  const seconds = checks.reduce((sum, check) => sum + check.seconds, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="cpaas verify" tests="${checks.length}" failures="${summary.fail}" skipped="${summary.skip}" time="${time(seconds)}">`,
    `  <testsuite name="cpaas verify" tests="${checks.length}" failures="${summary.fail}" errors="0" skipped="${summary.skip}" time="${time(seconds)}">`,
    ...checks.map(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase({ title, subject, result, detail, seconds }: Check): string {
  const open = `    <testcase classname="${xml(subject)}" name="${xml(title)}" time="${time(seconds)}"`;
  if (result === 'pass') return `${open}/>`;
  const element = result === 'fail' ? 'failure' : 'skipped';
  return `${open}><${element} message="${xml(detail)}"/></testcase>`;
}

const time = (seconds: number): string => seconds.toFixed(3);

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

/** Control characters other than the line feed may not stand in XML at all. */
const xml = (text: string): string => harmlessText(text).replace(/[&<>"\n]/g, (letter) => entities[letter] ?? letter);
