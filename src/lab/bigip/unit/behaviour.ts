import type { UnitSwitches } from '../../spec.ts';

/**
 * The switches with their defaults, and where each is asked. A new one gets a line here and is consulted at one named point.
 *
 * | switch | asked by |
 * |---|---|
 * | loginShell, applianceMode, loginBanner, promptStates, hang | `ssh/files.ts`, when the unit's files are written |
 * | hostname, version, product, unlicensed, ha, lockdown, selfIp, routeDomain, routingProtocol, tmosRouting, zebos | `unit/factory.ts`, once in the life of a unit |
 * | product | `unit/programs.ts` as well: what there is to call |
 * | sync | `Unit.facts`, for prompts and `show cm sync-status` |
 * | role, applianceMode | `client/rights.ts`, before a command of tmsh |
 * | daemonDelay | `Unit`, when BGP is enabled on a route domain |
 * | promptSpace, configBanner, enablePassword, pager, unknownCommand | `zebos/session.ts` |
 * | silentPipe, wrapEcho | `client/console.ts` |
 * | execKeepsMode, lastCharacterLoss | `client/imish.ts`, for `-e` and for each line of `-f` |
 * | passwords, respell, bulk | `zebos/printing.ts` |
 * | columns, wrappedRows | `zebos/show/`, by way of `ZebosInstance.show` |
 * | intruder | `ZebosInstance.show`, after a running configuration was read |
 * | bytesPerSecond, dropAfterBytes | `client/link.ts`, for all that imish and tmsh print |
 * | dropAfterCommands, stallAfterCommands | `client/cut.ts`, after each command |
 * | remarks, strictAsn | `ZebosInstance.configure`, by way of `zebos/objections.ts` |
 * | fullDisk | `Unit.save` and `ZebosInstance.write` |
 */
export type Behaviour = { readonly [K in keyof UnitSwitches]-?: NonNullable<UnitSwitches[K]> };

const DEFAULTS: Behaviour = {
  loginShell: 'bash',
  applianceMode: false,
  role: 'administrator',
  loginBanner: '',
  hostname: '',
  product: 'BIG-IP',
  version: '16.1.3',
  unlicensed: false,
  ha: 'standalone',
  sync: 'In Sync',
  promptStates: [],
  lockdown: ['tcp:ssh'],
  selfIp: 'present',
  routeDomain: 0,
  routingProtocol: false,
  tmosRouting: false,
  zebos: [],
  daemonDelay: 0,
  promptSpace: false,
  configBanner: 'two-spaces',
  enablePassword: '',
  pager: 'terminal',
  unknownCommand: false,
  remarks: false,
  strictAsn: false,
  silentPipe: false,
  wrapEcho: false,
  execKeepsMode: false,
  lastCharacterLoss: false,
  passwords: 'hidden',
  respell: {},
  bulk: 0,
  columns: 'usual',
  wrappedRows: false,
  hang: false,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  dropAfterCommands: Number.POSITIVE_INFINITY,
  stallAfterCommands: Number.POSITIVE_INFINITY,
  dropAfterBytes: Number.POSITIVE_INFINITY,
  fullDisk: false,
  intruder: { afterReads: Number.POSITIVE_INFINITY, lines: [] },
};

export function behaviour(switches: UnitSwitches): Behaviour {
  return { ...DEFAULTS, ...Object.fromEntries(Object.entries(switches).filter(([, value]) => value !== undefined)) };
}
