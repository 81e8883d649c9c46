import { z } from 'zod';
import { webUrl } from './fields.ts';

/** Where packages of a publisher come from instead of its own site. */
export const mirrorOf = (publisher: string) =>
  webUrl('a mirror', 'apt has them in /etc/apt/auth.conf.d')
    .optional()
    .describe(`Mirror of ${publisher}, with the same layout below it`);

/** Of an OpenPGP key. */
export const Fingerprint = z
  .string()
  .regex(/^[0-9A-F]{40}$/, { error: 'a fingerprint has 40 digits and capital letters A to F' })
  .optional();
