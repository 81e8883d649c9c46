import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCluster } from '../../src/config/load.ts';
import { formatProblem, InvalidClusterFile } from '../../src/config/problems.ts';

const folder = new URL('../fixtures/clusters/bad/', import.meta.url);

/** Each file says at its end what is wrong with it: `# expect: line:column: path: message`. */
const expected = (text: string) => [...text.matchAll(/^# expect: (.*)$/gm)].map(([, problem]) => problem);

test.each(readdirSync(folder))('%s is refused with all its problems at once', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8');
  const refusal = refusalOf(() => parseCluster(text, 'f'));
  expect(refusal.code).toBe('CONFIG.INVALID');
  expect(refusal.problems.map((problem) => formatProblem('', problem).slice(1))).toEqual(expected(text));
  expect(refusal.evidence.map(({ label, text: words }) => `${label}: ${words}`)).toEqual(
    refusal.problems.map((problem) => formatProblem('f', problem)),
  );
  expect(JSON.stringify(refusal)).not.toContain('hunter2');
});

function refusalOf(act: () => unknown): InvalidClusterFile {
  try {
    act();
  } catch (error) {
    if (error instanceof InvalidClusterFile) return error;
    throw error;
  }
  throw new Error('was accepted');
}
