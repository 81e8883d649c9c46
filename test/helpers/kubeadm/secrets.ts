import type { Machine } from '../machines/machine.ts';
import { ELSEWHERE } from './snapshots.ts';

/** What texts there are on a machine. */
const TEXTS = ['/etc', '/root', '/home', '/run', '/tmp', '/usr/local', '/var/log', '/var/lib/kubelet', '/var/tmp'];
const FORM = '(^|[^a-z0-9.-])[a-z0-9]{6}\\.[a-z0-9]{16}([^a-z0-9.-]|$)';
const SEARCH = `
set -u
cat >/dev/shm/sought
find / $1 -type f -print0 | xargs -0 grep -laFf /dev/shm/sought --
journalctl --no-pager -q -a -o export | grep -aFf /dev/shm/sought
find ${TEXTS.join(' ')} $1 -type f -print0 | xargs -0 grep -IoHE ${JSON.stringify(FORM)} --
journalctl --no-pager -q -a -o cat | grep -aoE ${JSON.stringify(FORM)}
rm /dev/shm/sought`;

/** A token without what is public of it, and all as the API writes it. */
const shapes = (secret: string): readonly string[] => {
  const part = secret.split('.').at(-1) ?? secret;
  return [part, Buffer.from(part).toString('base64'), Buffer.from(secret).toString('base64')];
};

/**
 * Files of a machine, on whatever disk, and lines of its journal in which a secret stands, or anything else that has the form of a
 * bootstrap token. `but`: folders that are not looked at.
 */
export async function secretsOn(
  machine: Machine,
  secrets: readonly string[],
  but: readonly string[] = [],
): Promise<readonly string[]> {
  const prune = [...ELSEWHERE, ...but].map((path) => `-path ${path} -prune -o`).join(' ');
  const { stdout } = await machine.run(
    ['bash', '-c', SEARCH.replaceAll('$1', prune)],
    `${secrets.flatMap(shapes).join('\n')}\n`,
  );
  // an event is called by what it is about and a number
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !new RegExp(`\\b${machine.name}\\.[0-9a-f]{16}`).test(line));
}

/** Secrets that stand in a text. */
export const secretsIn = (text: string, secrets: readonly string[]): readonly string[] =>
  secrets.filter((secret) => shapes(secret).some((shape) => text.includes(shape)));
