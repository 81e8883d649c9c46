import type { LabSpec } from './spec.ts';

/** The part that everything else of a lab stands in: what its machines have in common. */
export const LAB = 'lab';
export const nodeKey = (name: string): string => `node ${name}`;
/** A unit is known by its address, whatever the file calls it. */
export const routerKey = (address: string): string => `router ${address}`;

/** What a lab's parts are called where somebody's mark is put on them. */
export const partKeys = ({ nodes, routers }: LabSpec): readonly string[] => [
  LAB,
  ...nodes.map(({ name }) => nodeKey(name)),
  ...routers.map(({ address }) => routerKey(address)),
];
