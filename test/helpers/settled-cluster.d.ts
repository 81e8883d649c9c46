import type { SimulatedAnswer } from './simulated-hosts.js';

export interface SettledMachine {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  readonly address: string;
}
export const DIGEST: string;
export function settledMachines(count: number): readonly SettledMachine[];
export function settledCluster(of: {
  readonly cluster: string;
  readonly version: string;
  readonly machines: readonly SettledMachine[];
}): (host: number, argv: readonly string[]) => string | SimulatedAnswer;
