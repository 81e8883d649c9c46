import { z } from 'zod';

/** What a stand-in BIG-IP can be told to do differently; for tests and teaching. Everything is off unless said. */
export const UnitSwitches = z.strictObject({
  loginShell: z.enum(['bash', 'tmsh']).optional().describe('Shell that an SSH login gets; bash'),
  lockdown: z
    .union([z.enum(['none', 'all', 'default']), z.array(z.string())])
    .optional()
    .describe('allow-service of the self-IP at the start; [tcp:ssh]'),
  selfIp: z
    .enum(['present', 'missing', 'floating'])
    .optional()
    .describe('Whether the self-IP exists at the start, and whether it floats; present'),
  daemonDelay: z.number().min(0).optional().describe('Seconds until imish answers after BGP was enabled; 0'),
  lastCharacterLoss: z
    .boolean()
    .optional()
    .describe('imish -f loses the last character of each line, as 14.1.3.1 does'),
  tmosRouting: z.boolean().optional().describe('TMOS routing mode instead of legacy'),
  dropAfterCommands: z.number().int().min(1).optional().describe('The SSH connection is cut after so many commands'),
  hang: z.boolean().optional().describe('SSH logins are accepted, then nothing answers'),
  routingProtocol: z.boolean().optional().describe('BGP is enabled on route domain 0 at the start'),
  zebos: z.array(z.string()).optional().describe('Configuration lines that somebody had entered in imish before'),
  version: z.string().optional().describe('TMOS version it reports; 16.1.3'),
});
export type UnitSwitches = z.infer<typeof UnitSwitches>;
