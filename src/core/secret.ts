import { z } from 'zod';

/** Where a secret is, never the secret itself. This is what the cluster file, the state and the journal hold. */
export const SecretRef = z.union([
  z.strictObject({ env: z.string().min(1).describe('environment variable that holds it') }),
  z.strictObject({ file: z.string().min(1).describe('file whose first line it is; ~ is the home folder') }),
  z.strictObject({ command: z.array(z.string()).min(1).describe('command that prints it, as a list of words') }),
  z.strictObject({ prompt: z.string().min(1).describe('question to ask on the terminal') }),
]);
export type SecretRef = z.infer<typeof SecretRef>;

/** Fetches secrets, each once in a run. Whatever it has revealed is known to the redactor. */
export interface Secrets {
  /** Rejects with `SECRET.MISSING` when the reference leads nowhere. */
  reveal(ref: SecretRef): Promise<string>;
  /** Replaces every revealed secret in a text by `•••`. */
  redact(text: string): string;
}
