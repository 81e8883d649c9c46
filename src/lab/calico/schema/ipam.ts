import { array, boolean, integer, map, object, oneOf, type Schema, string } from './schema.ts';

export const ipPool: Schema = object(
  {
    allowedUses: array(string),
    assignmentMode: oneOf('Automatic', 'Manual'),
    blockSize: integer,
    cidr: string,
    disableBGPExport: boolean,
    disabled: boolean,
    ipip: object({ enabled: boolean, mode: string }),
    ipipMode: string,
    namespaceSelector: string,
    'nat-outgoing': boolean,
    natOutgoing: boolean,
    nodeSelector: string,
    vxlanMode: string,
  },
  ['cidr'],
);

export const blockAffinity: Schema = object(
  { cidr: string, deleted: string, node: string, state: string, type: string },
  ['cidr', 'deleted', 'node', 'state'],
);

export const ipamBlock: Schema = object(
  {
    affinity: string,
    allocations: array({ type: 'integer', nullable: true }),
    attributes: array(object({ handle_id: string, secondary: map(string) })),
    cidr: string,
    deleted: boolean,
    sequenceNumber: { type: 'integer', default: 0 },
    sequenceNumberForAllocation: map(integer),
    strictAffinity: boolean,
    unallocated: array(integer),
  },
  ['allocations', 'attributes', 'cidr', 'strictAffinity', 'unallocated'],
);

export const ipamHandle: Schema = object({ block: map(integer), deleted: boolean, handleID: string }, [
  'block',
  'handleID',
]);

export const ipamConfig: Schema = object(
  {
    autoAllocateBlocks: boolean,
    maxBlocksPerHost: { type: 'integer', minimum: 0, maximum: 2_147_483_647 },
    strictAffinity: boolean,
  },
  ['autoAllocateBlocks', 'strictAffinity'],
);
