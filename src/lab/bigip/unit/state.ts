import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { Objects } from '../tmsh/store.ts';

/** What a unit is running with. */
export const UnitState = z.strictObject({
  hostname: z.string(),
  serial: z.string(),
  product: z.string(),
  version: z.string(),
  objects: Objects,
  /** Running configuration of ZebOS by route domain, as lines that make it again. Kept while BGP is disabled. */
  zebos: z.record(z.string(), z.array(z.string())),
});
export type UnitState = z.infer<typeof UnitState>;

/** What `save sys config` saved. */
export const Saved = UnitState.pick({ objects: true });
export type Saved = z.infer<typeof Saved>;

/** Nothing when there is no such file. */
export async function readState<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}

/** Whole or not at all. */
export async function writeState(path: string, state: unknown): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(state, null, 1)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
