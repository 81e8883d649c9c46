/** What the `show` commands need to know of the unit. */
export interface UnitFacts {
  readonly hostname: string;
  readonly version: string;
  readonly serial: string;
  /** The routing daemons' process, while one runs. */
  readonly tmrouted: { readonly pid: number; readonly seconds: number } | undefined;
  readonly failover: 'ACTIVE' | 'STANDBY';
}

/** `show …` by its words; layouts as of 16.1, from public transcripts and [unverified] in their spacing. */
export function show(words: string, unit: UnitFacts): string | undefined {
  switch (words) {
    case 'sys version':
      return [
        '',
        'Sys::Version',
        'Main Package',
        '  Product     BIG-IP',
        `  Version     ${unit.version}`,
        '  Build       0.0.28',
        '  Edition     Point Release 0',
        '',
        '',
      ].join('\n');
    case 'sys hardware':
      return [
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
        '',
      ].join('\n');
    case 'sys service tmrouted':
      return unit.tmrouted === undefined
        ? 'tmrouted     down, not enabled\n'
        : `tmrouted     run (pid ${unit.tmrouted.pid}) ${lasting(unit.tmrouted.seconds)}\n`;
    case 'cm failover-status':
      return [
        '',
        '----------------------',
        'CM::Failover Status',
        '----------------------',
        'Color    green',
        `Status   ${unit.failover}`,
        `Summary  1/1 ${unit.failover.toLowerCase()}`,
        'Details',
        `         ${unit.failover.toLowerCase()} for /Common/traffic-group-1`,
        '',
        '',
      ].join('\n');
    case 'cm sync-status':
      return [
        '',
        '----------------------',
        'CM::Sync Status',
        '----------------------',
        'Color    green',
        'Status   Standalone',
        'Mode     standalone',
        'Summary  ',
        'Details',
        '',
        '',
      ].join('\n');
    default:
      return undefined;
  }
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
