import type { UnitSwitches } from '../../spec.ts';

/**
 * The switches with their defaults, and where each is asked. A new one gets a line here and is consulted at one named point.
 *
 * | switch | asked by |
 * |---|---|
 * | loginShell, hang | `ssh/files.ts`, when the unit's files are written |
 * | lockdown, selfIp, tmosRouting, routingProtocol, zebos | `unit/factory.ts`, once in the life of a unit |
 * | daemonDelay | `Unit`, when BGP is enabled on a route domain |
 * | lastCharacterLoss | `client/imish.ts`, for each line of `-f` |
 * | dropAfterCommands | `client/cut.ts`, after each command |
 * | version | `unit/factory.ts`, for `tmsh show sys version` and `list cm device` |
 */
export type Behaviour = { readonly [K in keyof UnitSwitches]-?: NonNullable<UnitSwitches[K]> };

export function behaviour(switches: UnitSwitches): Behaviour {
  return {
    loginShell: 'bash',
    lockdown: ['tcp:ssh'],
    selfIp: 'present',
    daemonDelay: 0,
    lastCharacterLoss: false,
    tmosRouting: false,
    dropAfterCommands: Number.POSITIVE_INFINITY,
    hang: false,
    routingProtocol: false,
    zebos: [],
    version: '16.1.3',
    ...Object.fromEntries(Object.entries(switches).filter(([, value]) => value !== undefined)),
  };
}
