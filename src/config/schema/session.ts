import { z } from 'zod';
import { Secret } from './fields.ts';

/** What the sessions between a router and the nodes are to have beyond what the article gives them. */
export const Session = z.strictObject({
  password: Secret.optional().describe(
    'Signs the sessions (TCP MD5) at both ends. Whatever rewrites addresses in between breaks signed sessions',
  ),
  keepalive: z
    .number()
    .int()
    .min(1)
    .max(21_845)
    .optional()
    .describe('Seconds between two signs of life; goes with hold; what both ends agree on by themselves: 30'),
  hold: z
    .number()
    .int()
    .min(3)
    .max(65_535)
    .optional()
    .describe('Seconds without one until a session ends, three times keepalive at least; 90. The lower end decides'),
  multihop: z
    .number()
    .int()
    .min(1)
    .max(255)
    .optional()
    .describe('Hops to the nodes, between different AS only; 2 where nodes are behind one machine, otherwise 1'),
  maximumPrefixes: z
    .number()
    .int()
    .min(1)
    .max(4_294_967_295)
    .optional()
    .describe('Prefixes of one node past which its session ends; no limit'),
  accept: z
    .enum(['all', 'pods'])
    .default('all')
    .describe('pods: a prefix-list lets in nothing but blocks and addresses of the pod network'),
  announce: z
    .enum(['all', 'nothing'])
    .default('all')
    .describe('nothing: a prefix-list keeps from the nodes what others make the unit announce'),
});
export type Session = z.infer<typeof Session>;
