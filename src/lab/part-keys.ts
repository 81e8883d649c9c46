import type { LabSpec } from './spec.ts';

/** The part that everything else of a lab stands in: what its machines have in common. */
export const LAB = 'lab';
export const nodeKey = (name: string): string => `node ${name}`;
/** A unit is known by its address, whatever the file calls it. */
export const routerKey = (address: string): string => `router ${address}`;

/** Those of some keys that a lab has parts of. */
export function keysIn({ nodes, routers }: LabSpec, keys: readonly string[]): string[] {
  const parts = [LAB, ...nodes.map(({ name }) => nodeKey(name)), ...routers.map(({ address }) => routerKey(address))];
  return parts.filter((key) => keys.includes(key));
}
