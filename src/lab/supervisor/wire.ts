import { z } from 'zod';
import { CpaasError, type ErrorCode } from '../../core/errors.ts';
import { LabSpec } from '../spec.ts';
import { LabState } from './state.ts';

/** What is said on the control socket, one JSON document a line. */
export const Request = z.strictObject({ verb: z.literal('apply'), spec: LabSpec, marks: z.array(z.string()) });

/** Any number of `progress`, then one of the others. */
export const Reply = z.union([
  z.strictObject({ progress: z.string() }),
  z.strictObject({ ready: LabState }),
  z.strictObject({
    error: z.strictObject({
      code: z.string(),
      message: z.string(),
      evidence: z.array(z.strictObject({ label: z.string(), text: z.string() })),
      next: z.array(z.strictObject({ label: z.string(), command: z.string().optional() })),
    }),
  }),
]);
export type Reply = z.infer<typeof Reply>;
export type WireError = Extract<Reply, { error: unknown }>['error'];

/** An error on its way; a bug, which is no `CpaasError`, keeps its stack as evidence. */
export function toWire(error: unknown): WireError {
  if (error instanceof CpaasError) {
    const { code, message, evidence, next } = error;
    return { code, message, evidence: [...evidence], next: [...next] };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = `a bug: ${error instanceof Error ? error.message : stack}`;
  return { code: 'LAB.FAILED', message, evidence: [{ label: 'stack', text: stack }], next: [] };
}

export function fromWire({ code, message, evidence, next }: WireError): CpaasError {
  const actions = next.map(({ label, command }) => (command === undefined ? { label } : { label, command }));
  return new CpaasError(code as ErrorCode, message, { evidence, next: actions });
}
