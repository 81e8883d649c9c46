import { readFileSync } from 'node:fs';

/** What a device printed, by the file's name: the first line of the file says which device and where it comes from. */
export function transcript(name: string): string {
  const text = readFileSync(new URL(`../fixtures/transcripts/${name}.txt`, import.meta.url), 'utf8');
  return text.slice(text.indexOf('\n') + 1);
}
