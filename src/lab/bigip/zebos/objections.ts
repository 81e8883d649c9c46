import type { Edited, Place } from './edited.ts';

/** What some units say to lines that others take in silence. Each is asked for by a switch, since nobody knows which is a BIG-IP's. */

const BIGGEST_OLD_AS = 65535;
const CAPABILITY = 'bgp extended-asn-cap';

/** Why a unit that is strict about AS numbers refuses a line: the capability stands first, and is not changed later. [unverified] */
export function asnObjection({ config, context }: Place, typed: string): Edited | undefined {
  const stay = { config, context, frr: [] };
  const capable = config.globals.some((line) => line.text === CAPABILITY);
  if (config.router !== undefined && typed.trim().replace(/^no /, '') === CAPABILITY) {
    return { ...stay, said: '% BGP is running, remove it first' };
  }
  const found = /\b(?:bgp|remote-as) +(\d+)\s*$/.exec(typed);
  if (capable || found?.[1] === undefined || Number(found[1]) <= BIGGEST_OLD_AS) return undefined;
  const at = typed.trimEnd().length - found[1].length;
  return { ...stay, said: "% Invalid input detected at '^' marker.", invalidAt: at };
}

/** What is remarked on a line that was taken: it speaks of what is not there. The text is FRR's. [unverified] */
export function remark({ config }: Edited, typed: string): string | undefined {
  const [, kind = '', name = ''] = /^\s*neighbor \S+ (route-map|prefix-list) (\S+) (?:in|out)\s*$/.exec(typed) ?? [];
  const there = [...config.lists, ...config.blocks].some((each) => each.text.includes(`${kind} ${name} `));
  return kind === '' || there ? undefined : `The ${kind} '${name}' does not exist.`;
}
