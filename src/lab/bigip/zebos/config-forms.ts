import type { Context } from './config.ts';
import { type Form, forms, type Piece } from './grammar.ts';
import * as lines from './lines.ts';

/** What a configuration line does; `rank` is its place in `show running-config`, `no` whether it takes away. */
export type ConfigCommand =
  | { readonly does: 'keep'; readonly no: boolean; readonly rank: number; readonly frr: lines.ConfigLine['frr'] }
  /** On by default: the `no` line is what is kept. */
  | { readonly does: 'default'; readonly no: boolean; readonly rank: number; readonly frr: lines.ConfigLine['frr'] }
  | { readonly does: 'router' | 'family' | 'leave-family' | 'no-peer'; readonly no: boolean }
  | { readonly does: 'block'; readonly no: boolean; readonly rank: number; readonly frr: lines.ConfigLine['frr'] }
  | { readonly does: 'prefix-list'; readonly no: boolean; readonly rank: number }
  | { readonly does: 'nothing' };

const router = [...lines.BGP_LINES, ...lines.NEIGHBOR_LINES];

const ROUTER_FORMS = [
  ...kept(router),
  ...forms<ConfigCommand>('no neighbor PEER', { does: 'no-peer', no: true }),
  // ZebOS prints `restart-time 120` though that is the default. [unverified] that the bare form is kept that way
  ...forms<ConfigCommand>('bgp graceful-restart', keep(lines.BGP_LINES.findIndex(isRestartTime))),
  ...forms<ConfigCommand>('address-family ipv6 [unicast]', { does: 'family', no: false }),
  ...forms<ConfigCommand>('no address-family ipv6 [unicast]', { does: 'family', no: true }),
];

const FAMILY_FORMS = [
  ...kept(lines.FAMILY_LINES),
  ...forms<ConfigCommand>('exit-address-family', { does: 'leave-family', no: false }),
];

const GLOBAL_FORMS = [
  ...kept(lines.GLOBAL_LINES),
  ...kept(lines.LIST_LINES, lines.GLOBAL_LINES.length),
  ...lines.PREFIX_LIST_LINES.flatMap((form) => [
    ...forms<ConfigCommand>(form, prefixList(form, false)),
    ...forms<ConfigCommand>(`no ${form}`, prefixList(form, true)),
  ]),
  ...lines.PREFIX_LIST_ENDS.flatMap((form) => forms<ConfigCommand>(form, prefixList(form, true))),
  ...lines.BLOCKS.flatMap((line, rank) => [
    ...forms<ConfigCommand>(line.form, { does: 'block', no: false, rank, frr: line.frr }),
    ...forms<ConfigCommand>(`no ${line.form}`, { does: 'block', no: true, rank, frr: line.frr }),
  ]),
  ...forms<ConfigCommand>('router bgp ASN', { does: 'router', no: false }),
  ...forms<ConfigCommand>('no router bgp ASN', { does: 'router', no: true }),
  ...forms<ConfigCommand>('(|no) service password-encryption', { does: 'nothing' }),
  ...forms<ConfigCommand>('line con 0', { does: 'nothing' }),
  ...forms<ConfigCommand>('line vty 0 39', { does: 'nothing' }),
  ...forms<ConfigCommand>('login', { does: 'nothing' }),
];

/** The commands of a place in the configuration. From inside, those of the top level are understood too: they leave it. */
export function formsAt(context: Context): { readonly own: readonly Form<ConfigCommand>[]; readonly top: boolean } {
  switch (context.at) {
    case 'config':
      return { own: GLOBAL_FORMS, top: true };
    case 'router':
      return { own: ROUTER_FORMS, top: false };
    case 'family':
      return { own: FAMILY_FORMS, top: false };
    case 'block':
      return { own: BLOCK_FORMS, top: false };
  }
}

const BLOCK_FORMS = kept(lines.BLOCK_LINES);
export const TOP_FORMS: readonly Form<ConfigCommand>[] = GLOBAL_FORMS;
/** Number of the first rank that is printed after `router bgp`. */
export const FIRST_LIST = lines.GLOBAL_LINES.length;

function kept(all: readonly lines.ConfigLine[], first = 0): readonly Form<ConfigCommand>[] {
  return all.flatMap((line, index) => {
    const does = line.on === true ? 'default' : 'keep';
    const command = { does, rank: first + index, frr: line.frr } as const;
    const positive = forms<ConfigCommand>(line.form, { ...command, no: false });
    return [...positive, ...positive.flatMap((form) => removals(form, { ...command, no: true }))];
  });
}

/** `no` before a form, with its values and without them where they end it. */
function removals(form: Form<ConfigCommand>, command: ConfigCommand): readonly Form<ConfigCommand>[] {
  const first = form.pieces.findIndex((each) => each.value);
  const no: Piece = { kind: 'word', text: 'no', value: false };
  const whole = { pieces: [no, ...form.pieces], command };
  const bare = first >= 0 && form.pieces.slice(first).every((each) => each.value);
  return bare ? [whole, { pieces: [no, ...form.pieces.slice(0, first)], command }] : [whole];
}

function keep(rank: number): ConfigCommand & { readonly does: 'keep' } {
  return { does: 'keep', no: false, rank, frr: 'router' };
}

/** IPv6 after IPv4. */
function prefixList(form: string, no: boolean): ConfigCommand {
  const last = lines.GLOBAL_LINES.length + lines.LIST_LINES.length;
  return { does: 'prefix-list', no, rank: form.includes('ipv6 ') ? last + 1 : last };
}

function isRestartTime(line: lines.ConfigLine): boolean {
  return line.form.startsWith('bgp graceful-restart restart-time');
}
