import { writeOut } from '../ui/output/print.ts';
import type { Io } from './io.ts';

/** Help, or the version: what is text alone, in whichever format answers are asked for. Rejects with `OUTPUT.WRITE`. */
export async function printText(text: string, { stdout }: Pick<Io, 'stdout'>): Promise<void> {
  await writeOut(text, stdout);
}
