import { type Form, forms } from './grammar.ts';

/** What an exec command asks for. */
export type ExecCommand =
  | 'enable'
  | 'disable'
  | 'configure'
  | 'leave'
  | 'end'
  | 'write'
  | 'terminal-length'
  | 'running'
  | 'running-router'
  | 'startup'
  | 'summary'
  | 'neighbors'
  | 'neighbor'
  | 'neighbor-routes'
  | 'table'
  | 'table-ipv6'
  | 'summary-ipv6'
  | 'routes-ipv6'
  | 'prefix'
  | 'routes'
  | 'bgp-routes'
  | 'version'
  | 'clear';

const ALWAYS = [
  ...form('exit', 'leave'),
  ...form('quit', 'leave'),
  ...form('logout', 'leave'),
  ...form('enable', 'enable'),
  ...form('terminal length 0..511', 'terminal-length'),
  ...form('show version', 'version'),
  ...form('show (ip bgp|bgp) summary', 'summary'),
  ...form('show (ip bgp|bgp) neighbors', 'neighbors'),
  ...form('show (ip bgp|bgp) neighbors IP', 'neighbor'),
  ...form('show (ip bgp|bgp) neighbors IP (routes|received-routes)', 'neighbor-routes'),
  ...form('show ip bgp', 'table'),
  ...form('show ip bgp PREFIX4', 'prefix'),
  ...form('show bgp', 'table'),
  // [unverified] how ZebOS spells these three
  ...form('show bgp ipv6 [unicast]', 'table-ipv6'),
  ...form('show bgp ipv6 [unicast] summary', 'summary-ipv6'),
  ...form('show ipv6 route', 'routes-ipv6'),
  ...form('show ip route', 'routes'),
  ...form('show ip route bgp', 'bgp-routes'),
];

const PRIVILEGED = [
  ...form('disable', 'disable'),
  ...form('configure [terminal]', 'configure'),
  ...form('write', 'write'),
  ...form('write memory', 'write'),
  ...form('write file', 'write'),
  ...form('copy running-config startup-config', 'write'),
  ...form('write terminal', 'running'),
  ...form('show running-config', 'running'),
  ...form('show running-config router bgp', 'running-router'),
  ...form('show startup-config', 'startup'),
  ...form('clear (ip bgp|bgp) (*|IP|GROUP)', 'clear'),
  ...form('clear (ip bgp|bgp) (*|IP|GROUP) soft', 'clear'),
  ...form('clear (ip bgp|bgp) (*|IP|GROUP) soft (in|out)', 'clear'),
];

/** Understood in every mode above enable; ZebOS saves from inside `router bgp` as well. */
export const ANYWHERE = [
  ...form('end', 'end'),
  ...form('exit', 'leave'),
  ...form('quit', 'leave'),
  ...form('write', 'write'),
  ...form('write memory', 'write'),
  ...form('write file', 'write'),
];

export function execForms(privileged: boolean): readonly Form<ExecCommand>[] {
  return privileged ? [...ALWAYS, ...PRIVILEGED] : ALWAYS;
}

function form(text: string, command: ExecCommand): readonly Form<ExecCommand>[] {
  return forms(text, command);
}
