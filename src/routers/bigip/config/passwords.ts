import type { Writer } from '../../../core/context.ts';
import { CpaasError } from '../../../core/errors.ts';
import type { SecretRef } from '../../../core/secret.ts';
import type { ElementChange } from '../../../core/step.ts';
import { PASSWORD } from './lines.ts';

/** A line that may be typed: a password stands where it was only named. */
export type Reveal = (line: string) => string;

/**
 * Fetches the password that lines name. A unit shows none, so one that this change is not about cannot be typed again: rejects with
 * `BGP.PASSWORD` before anything is sent, as it does for a secret that is no single line.
 */
export async function revealing(
  ctx: Writer,
  unit: string,
  lines: readonly string[],
  changes: readonly ElementChange[],
  ref: SecretRef | undefined,
): Promise<Reveal> {
  const named = new Set(lines.filter((line) => line.endsWith(PASSWORD)));
  if (named.size === 0) return (line) => line;
  const ours = new Set(changes.map(({ key }) => `${key} ${PASSWORD}`));
  const unknown = [...named].filter((line) => !ref || !ours.has(line));
  if (!ref || unknown.length > 0) throw unreadable(unit, unknown);
  const password = await ctx.secret(ref);
  if (!/^[!-~]{1,80}$/.test(password))
    throw new CpaasError('BGP.PASSWORD', 'a password of BGP is 1 to 80 characters without spaces', {
      next: [{ label: 'look at the secret that the file names' }],
    });
  return (line) => (named.has(line) ? line.slice(0, -PASSWORD.length) + password : line);
}

/**
 * Lines without those that would give back a password of ours which the file no longer names, or which is written anew: nobody knows
 * the old one, and the nodes' end has given it up before the unit does.
 */
export function givingBack(
  lines: readonly string[],
  changes: readonly ElementChange[],
  ref: SecretRef | undefined,
): readonly string[] {
  const isForgotten = ({ from, to }: ElementChange) => from === to || (to === undefined && !ref);
  const forgotten = new Set(changes.filter(isForgotten).map(({ key }) => `${key} ${PASSWORD}`));
  return lines.filter((line) => !forgotten.has(line));
}

const unreadable = (unit: string, lines: readonly string[]): CpaasError =>
  new CpaasError('BGP.PASSWORD', `${unit} would lose a password that cpaas cannot give back, since no unit shows it`, {
    evidence: lines.map((text) => ({ label: 'line', text })),
    next: [{ label: 'take the password away by hand, let cpaas make the change, and set it again' }],
  });
