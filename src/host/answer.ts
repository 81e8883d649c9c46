import type { z } from 'zod';
import { CpaasError, type ErrorCode } from '../core/errors.ts';

/** Parses what a program printed as JSON of the shape given. Throws with `code`, quoting the answer, when it is neither. */
export function parseAnswer<T>(schema: z.ZodType<T>, text: string, code: ErrorCode, whose: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new CpaasError(code, `${whose} gave an answer that cpaas cannot read`, {
      cause,
      evidence: [{ label: 'answer', text: excerpt(text) }],
    });
  }
}

/** Enough of an answer to recognise it: a half document shows at its end. */
function excerpt(text: string): string {
  if (text.trim() === '') return '(nothing)';
  return text.length <= 300 ? text.trim() : `${text.slice(0, 150).trim()} … ${text.slice(-150).trim()}`;
}
