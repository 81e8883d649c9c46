import { readFileSync } from 'node:fs';

/** How the units of a cluster call this cpaas. */
export interface BootCall {
  /** Program and script, as paths that do not depend on where anybody stands. */
  readonly program: readonly string[];
  /** Where the state of all clusters is. */
  readonly stateDir: string;
  /** In whose name: the state is that user's. */
  readonly user: string;
}

export interface Unit {
  readonly name: string;
  readonly text: string;
}

/** The unit that sets the host routes of a cluster, and the timer that calls it. What to set is what the state remembers of the file. */
export function bootUnits(
  cluster: string,
  { program, stateDir, user }: BootCall,
): { readonly service: Unit; readonly timer: Unit } {
  const name = `cpaas-routes-${cluster}`;
  const words = [...program, 'routes', 'sync', '--cluster', cluster, '--state-dir', stateDir, '--progress', 'plain'];
  const slots = { cluster, unit: name, user, command: words.map(systemdWord).join(' ') };
  const unit = (ending: 'service' | 'timer'): Unit => ({
    name: `${name}.${ending}`,
    text: filled(`routes-at-boot.${ending}`, slots),
  });
  return { service: unit('service'), timer: unit('timer') };
}

/** The first line of a unit of ours. */
export const unitMark = (cluster: string): string => `# cpaas:${cluster}\n`;

/** One word of a command line in a unit: quoted, and nothing in it is a specifier (%) or a variable ($). systemd.service(5) */
export function systemdWord(word: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would end the line
  if (/[\u0000-\u001f\u007f]/.test(word))
    throw new Error(`no unit can be given control characters: ${JSON.stringify(word)}`);
  const plain = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@+:,./=%$-]+$/.test(plain) ? plain : `"${plain.replace(/["\\]/g, '\\$&')}"`;
}

function filled(template: string, slots: Readonly<Record<string, string>>): string {
  const text = readFileSync(new URL(`../../templates/${template}`, import.meta.url), 'utf8');
  return text.replace(/\{(\w+)\}/g, (_, slot: string) => {
    const value = slots[slot];
    if (value === undefined) throw new Error(`templates/${template} has a slot that nobody fills: ${slot}`);
    return value;
  });
}
