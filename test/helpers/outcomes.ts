import { expect } from 'vitest';
import type { RunDocument } from '../../src/core/documents.ts';
import { applied } from './cpaas.ts';

type Run = RunDocument & { readonly code: number };

/** A run that ended well and did something. What went wrong otherwise is in the difference that is printed. */
export function expectApplied({ code, outcome, error }: Run): void {
  expect({ error, outcome, code }).toEqual({ error: undefined, outcome: 'applied', code: 0 });
}

/** A run that found everything as it should be. */
export function expectUnchanged(run: Run): void {
  const { code, outcome, error } = run;
  expect({ error, outcome, code }).toEqual({ error: undefined, outcome: 'unchanged', code: 0 });
  expect(applied(run)).toEqual([]);
}
