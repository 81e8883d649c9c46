/** What the `show` commands and the prompts need to know of the unit. */
export interface UnitFacts {
  readonly hostname: string;
  readonly product: string;
  readonly version: string;
  readonly serial: string;
  readonly licensed: boolean;
  /** The routing daemons' process, while one runs. */
  readonly tmrouted: { readonly pid: number; readonly seconds: number } | undefined;
  readonly failover: Failover;
  /** `Standalone`, or how far a pair is in sync. */
  readonly sync: string;
}
export type Failover = 'ACTIVE' | 'STANDBY' | 'FORCED OFFLINE';

/** `show …` by its words; layouts as of 16.1, from public transcripts and [unverified] in their spacing. */
export function show(words: string, unit: UnitFacts): string | undefined {
  return SHOWN[words]?.(unit);
}

const SHOWN: Readonly<Record<string, (unit: UnitFacts) => string>> = {
  'sys version': (unit) =>
    text(
      '',
      'Sys::Version',
      'Main Package',
      `  Product     ${unit.product}`,
      `  Version     ${unit.version}`,
      '  Build       0.0.28',
      '  Edition     Point Release 0',
      '',
    ),
  'sys hardware': (unit) =>
    text(
      'Sys::Hardware',
      'Chassis Information',
      '  Maximum MAC Count  1',
      '  Registration Key   -',
      '',
      'Platform',
      '  Name           BIG-IP Virtual Edition',
      '  BIOS Revision  -',
      '',
      'System Information',
      '  Type                       Z100',
      `  Chassis Serial             ${unit.serial}`,
      '  Level 200/400 Part         -',
      '  Switchboard Serial         -',
      '',
    ),
  'sys license': (unit) =>
    text(
      '',
      'Sys::License',
      `Licensed Version    ${unit.version}`,
      'Active Modules',
      '  LTM, Base, VE GBB (Lab)',
      ...(unit.licensed ? ['    Routing Bundle, VE'] : []),
      '',
    ),
  'sys service tmrouted': ({ tmrouted }) => serviceStatus(tmrouted),
  'cm failover-status': ({ failover }) =>
    titled(
      'CM::Failover Status',
      `Color    ${failover === 'ACTIVE' ? 'green' : 'gray'}`,
      `Status   ${failover}`,
      `Summary  ${failover === 'ACTIVE' ? '1/1 active' : '1/1 standby'}`,
      'Details',
      `         ${failover === 'ACTIVE' ? 'active' : 'standby'} for /Common/traffic-group-1`,
    ),
  'cm sync-status': ({ sync }) =>
    titled(
      'CM::Sync Status',
      `Color    ${['Standalone', 'In Sync'].includes(sync) ? 'green' : 'yellow'}`,
      `Status   ${sync}`,
      `Mode     ${sync === 'Standalone' ? 'standalone' : 'high-availability'}`,
      'Summary  ',
      'Details',
    ),
};

/** `show sys service tmrouted`, `bigstart status tmrouted`. */
export function serviceStatus(tmrouted: UnitFacts['tmrouted']): string {
  if (tmrouted === undefined) return 'tmrouted     down, not enabled\n';
  return `tmrouted     run (pid ${tmrouted.pid}) ${lasting(tmrouted.seconds)}\n`;
}

function titled(title: string, ...lines: readonly string[]): string {
  const rule = '-'.repeat(22);
  return text('', rule, title, rule, ...lines, '');
}

function text(...lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

/** `33 days`, `1 hour`, `12 seconds`. */
function lasting(seconds: number): string {
  const units = [
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ] as const;
  const [size, name] = units.find(([each]) => seconds >= each) ?? [1, 'second'];
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
