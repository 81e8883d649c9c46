/** What Calico refuses a resource for. */
export interface Problem {
  /** Field as Calico's messages name it: `PeerIP`. */
  readonly field: string;
  readonly value?: unknown;
  readonly reason: string;
}

/** The words of Calico's validator for a field that breaks the rule with this tag. */
export const tagged = (field: string, value: unknown, tag: string): Problem => ({
  field,
  value,
  reason: `Reason: failed to validate Field: ${field} because of Tag: ${tag} `,
});

/** What libcalico-go's `ErrorValidation` says. */
export function describe(problems: readonly Problem[]): string {
  const [only, ...more] = problems.map(({ field, value, reason }) => {
    return value === undefined ? `${field} (${reason})` : `${field} = '${String(value)}' (${reason})`;
  });
  if (more.length === 0) return `error with field ${only}`;
  return `error with the following fields:\n${[only, ...more].map((text) => `-  ${text}\n`).join('')}`;
}
