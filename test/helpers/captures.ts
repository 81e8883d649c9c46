import { existsSync, readFileSync } from 'node:fs';
import { test } from 'vitest';

const ROOT = '../shared/data/captures/k3d-calico-3.31';
const present = existsSync(ROOT);
if (!present) console.warn(`skipped: ${ROOT} is not here, so what reads real captures is not tested`);

/** What a real cluster printed: k3d, Calico 3.31, Docker 20.10. */
export const capture = (name: string): string => readFileSync(`${ROOT}/${name}`, 'utf8');

/** A test that is skipped where the captures are absent. */
export const withCaptures = test.skipIf(!present);
