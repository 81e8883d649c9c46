import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { UnitFacts } from '../tmsh/show.ts';
import { ROLE } from './failover.ts';

/** The part of bash's prompt that follows the unit's state: `Active:Standalone`. */
export async function writePrompt(path: string, { failover, sync }: UnitFacts): Promise<void> {
  const text = `${ROLE[failover]}:${sync}`;
  if ((await readFile(path, 'utf8').catch(() => '')) === text) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
