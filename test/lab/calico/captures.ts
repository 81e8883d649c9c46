import { existsSync, readFileSync } from 'node:fs';
import { describe } from 'vitest';

const ROOT = '../shared/data/calico/v3.31.7';
const present = existsSync(ROOT);
if (!present) console.warn(`skipped: ${ROOT} is not here, so nothing is compared with what Calico publishes`);

/** What Calico itself publishes or renders. */
export const published = (path: string): string => readFileSync(`${ROOT}/${path}`, 'utf8');

/** A group of tests that is skipped where it is absent. */
export const withPublished = describe.skipIf(!present);
