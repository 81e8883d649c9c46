import { run } from '../../../src/lab/machines/run.ts';
import type { Machine } from './machine.ts';

/** Everything of a machine that outlives a restart: its files by path, its packages and units. */
export type MachineState = ReadonlyMap<string, string>;

/** 123: a file went meanwhile, as those of a service do that has just ended. */
const DIGESTS = 'cd "$1" && find . -xdev -type f -print0 | xargs -0 sha256sum || [ $? -eq 123 ]';

export async function stateOf(machine: Machine): Promise<MachineState> {
  const [files, digests, packages, units, marks] = await Promise.all([
    run(['find', `${machine.root()}/`, '-xdev', '-mindepth', '1', '-printf', '%P\\t%y %m %u:%g %l\\n']),
    run(['sh', '-c', DIGESTS, 'sh', machine.root()]),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholders
    machine.ask(['dpkg-query', '-W', '-f', 'package ${Package}\\t${db:Status-Abbrev} ${Version}\\n']),
    machine.ask(['sh', '-c', 'systemctl list-unit-files --no-legend --no-pager | sed "s/  */ /g; s/^/unit /"']),
    machine.ask(['sh', '-c', 'apt-mark showauto | sed "s/^/auto /"']),
  ]);
  const state = new Map<string, string>();
  const note = (text: string, split: RegExp) => {
    for (const line of text.split('\n').filter(Boolean)) {
      const [, key = '', value = ''] = split.exec(line) ?? [];
      state.set(key, `${state.get(key) ?? ''}${value}`);
    }
  };
  note(files, /^([^\t]*)\t(.*)$/);
  note(digests.replace(/^(\S+) {2}\.\/(.*)$/gm, '$2\t$1'), /^([^\t]*)\t(.*)$/);
  note(packages, /^([^\t]*)\t(.*)$/);
  note(units, /^(unit \S+)\s+(.*)$/);
  note(marks, /^(.*)()$/);
  return state;
}

/**
 * What apt, dpkg, systemd and the C library keep about themselves, and what every login leaves. A package that comes and goes changes
 * them, whoever installs it.
 */
const REMAINS: readonly RegExp[] = [
  /^var\/log\//, // apt, dpkg, the journal, logins
  /^var\/cache\/apt\//,
  /^var\/lib\/apt\/(lists|periodic|extended_states|listchanges)/,
  /^var\/lib\/dpkg\/(status|available|lock|statoverride|diversions|triggers)/, // dpkg's own backups (-old), order of the paragraphs
  /^var\/lib\/systemd\/(random-seed|catalog|timesync|deb-systemd)/,
  /^var\/cache\/ldconfig/,
  /^etc\/ld\.so\.cache$/,
  /^etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$/, // the backups of the tools that change accounts
  /^(root|home)\/.*\/?\.(cache|bash_history|gnupg|sudo_as_admin_successful)/,
  /^var\/cache\/debconf\/.*-old$/,
];

/** What differs between two states, as `+ path`, `- path` and `± path`; `also` is left out besides what always remains. */
export function differences(
  before: MachineState,
  after: MachineState,
  also: readonly RegExp[] = [],
): readonly string[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  const counts = keys.filter((key) => ![...REMAINS, ...also].some((pattern) => pattern.test(key)));
  return counts.flatMap((key) => {
    const [one, other] = [before.get(key), after.get(key)];
    if (one === other) return [];
    return [`${one === undefined ? '+' : other === undefined ? '-' : '±'} ${key}`];
  });
}
