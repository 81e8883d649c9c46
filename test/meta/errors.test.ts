import { expect, test } from 'vitest';
import { errorPages } from '../../src/commands/explain.ts';
import { textOf, treeFiles } from './tree.ts';

/** `'AREA.WHAT'`, as every code is written where it is raised; and the ones made from a template. */
const CODE = /'([A-Z][A-Z0-9]*\.[A-Z_]+)'/g;
const MADE: Readonly<Record<string, RegExp>> = { 'src/kube/failure.ts': /error\('([A-Z]+)',/g };

const raised = new Set(
  treeFiles('src/**/*.ts').flatMap((path) => {
    const text = textOf(path);
    const whole = [...text.matchAll(CODE)].map(([, code = '']) => code);
    const made = MADE[path] ? [...text.matchAll(MADE[path])].map(([, kind]) => `KUBE.${kind}`) : [];
    return [...whole, ...made];
  }),
);
const pages = errorPages();

/** Codes that no test brings about, each with the reason. The list may only become shorter. */
const untested: Readonly<Record<string, string>> = {
  'BIGIP.ANSWER': 'the stand-in unit prints nothing that tmsh does not',
  'CONFIG.SSH': 'the checks of the file refuse it earlier; a second line of defence',
  'DOCKER.RULES': 'the stand-in refuses only what has a code of its own',
};

test('every error code has a page in docs/errors.md', () => {
  const documented = pages.map(({ code }) => code);
  expect([...raised].filter((code) => !documented.includes(code))).toEqual([]);
});

test('every page is about a code that is raised', () => {
  expect(pages.map(({ code }) => code).filter((code) => !raised.has(code))).toEqual([]);
});

test('pages are in the order of the alphabet, each begins with one sentence and goes on to say what to do', () => {
  const codes = pages.map(({ code }) => code);
  expect(codes).toEqual(codes.toSorted());
  const poor = pages.filter(({ text }) => !/^[^\n]+\.\n\n\S/.test(text));
  expect(poor.map(({ code }) => code)).toEqual([]);
});

test('every error code is named in a test, or there is a reason why not', () => {
  const tests = treeFiles('test/**/*.ts').filter((path) => !path.startsWith('test/meta/'));
  const named = tests.map(textOf).join('\n');
  const missing = [...raised].filter((code) => !named.includes(code)).toSorted();
  expect(missing).toEqual(Object.keys(untested).toSorted());
});

test('no template makes codes that this test does not know', () => {
  const makers = treeFiles('src/**/*.ts').filter((path) => /`[A-Z]+\.\$\{/.test(textOf(path)));
  expect(makers).toEqual(Object.keys(MADE));
});
