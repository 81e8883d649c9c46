/** Names that tmsh prints in place of port numbers, as far as port lockdown uses them. */
const NAMES: Readonly<Record<string, number>> = {
  bgp: 179,
  domain: 53,
  'f5-iquery': 4353,
  http: 80,
  https: 443,
  snmp: 161,
  ssh: 22,
  cap: 1026,
  'bfd-control': 3784,
};

/** What `default` admits: no BGP. From `list net self-allow` (facts/bigip.md, B3). */
export const DEFAULT_SERVICES: readonly string[] = [
  ...['igmp:any', 'ospf:any', 'pim:any', 'tcp:domain', 'tcp:f5-iquery', 'tcp:https', 'tcp:snmp', 'tcp:ssh'],
  ...['udp:520', 'udp:cap', 'udp:domain', 'udp:f5-iquery', 'udp:snmp'],
];

/** `tcp:bgp` for `tcp:179`; nothing for what is no service. */
export function serviceName(text: string): string | undefined {
  if (text === 'default') return text;
  const [protocol = '', port = '', more] = text.split(':');
  if (more !== undefined || !/^[a-z]+$/.test(protocol) || port === '') return undefined;
  if (port === 'any' || port === '0') return `${protocol}:any`;
  if (!/^\d+$/.test(port)) return port in NAMES ? text : undefined;
  if (Number(port) > 65535) return undefined;
  const name = Object.entries(NAMES).find(([, number]) => number === Number(port))?.[0];
  return `${protocol}:${name ?? port}`;
}

/** Protocol and port of a service; no port where any is admitted. */
export function serviceParts(name: string): { readonly protocol: string; readonly port?: number } {
  const [protocol = '', port = ''] = name.split(':');
  if (port === 'any') return { protocol };
  return { protocol, port: NAMES[port] ?? Number(port) };
}
