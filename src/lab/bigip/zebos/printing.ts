import { createHash } from 'node:crypto';
import type { UnitSwitches } from '../../spec.ts';

/** How a configuration is printed, where units differ. */
export interface Printing {
  readonly passwords: NonNullable<UnitSwitches['passwords']>;
  /** Lines that come out otherwise: the line, without blanks before it, to the text; empty for left out. */
  readonly respell: Readonly<Record<string, string>>;
  /** So many lines of a prefix-list that nobody entered. */
  readonly bulk: number;
}

export const PLAIN: Printing = { passwords: 'hidden', respell: {}, bulk: 0 };

const BULK = 'ip prefix-list BULK ';

/** What `show running-config` prints of a whole configuration: nobody sees a password unless the unit shows them. */
export function shown(text: string, printing: Printing = PLAIN): string {
  return withoutPasswords(respelled(text, printing), printing.passwords);
}

/** What is written to ZebOS.conf: as it is printed, with the passwords. */
export function respelled(text: string, { respell, bulk }: Printing): string {
  const lines = text.split('\n').flatMap((line) => {
    const spelled = respell[line.trim()];
    if (spelled === undefined) return [line];
    return spelled === '' ? [] : [line.replace(line.trim(), spelled)];
  });
  const tail = lines.indexOf('line con 0');
  if (bulk === 0 || tail < 0) return lines.join('\n');
  return [...lines.slice(0, tail), ...bulkLines(bulk), '!', ...lines.slice(tail)].join('\n');
}

/** Lines that were printed because of `bulk` are nobody's configuration. */
export function withoutBulk(lines: readonly string[]): string[] {
  return lines.filter((line) => !line.startsWith(BULK));
}

function bulkLines(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => {
    const network = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
    return `${BULK}seq ${(n + 1) * 5} permit ${network}/32`;
  });
}

/** How a BIG-IP prints a password is not known; all three are [unverified]. */
function withoutPasswords(text: string, how: Printing['passwords']): string {
  if (how === 'clear') return text;
  return text.replace(/^( *neighbor \S+ password) (.*)$/gm, (_line, before: string, password: string) =>
    how === 'hidden' ? `${before} ****` : `${before} 7 ${cipher(password)}`,
  );
}

function cipher(password: string): string {
  return createHash('sha256').update(password).digest('hex').slice(0, 16);
}
