import { z } from 'zod';

/** How the unit stands before anybody comes. */
const unit = {
  loginShell: z.enum(['bash', 'tmsh']).optional().describe('Shell that an SSH login gets; bash'),
  applianceMode: z.boolean().optional().describe('root may not log in and nobody gets bash: admin is left, with tmsh'),
  role: z
    .enum(['administrator', 'operator', 'guest'])
    .optional()
    .describe('Role of who logs in, as tmsh sees it: the last two may look and change nothing; administrator'),
  loginBanner: z.string().optional().describe('Text that SSH shows before and after a login'),
  hostname: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('Its host name, which stands in every prompt; NAME.lab.example'),
  product: z
    .enum(['BIG-IP', 'BIG-IP Next', 'BIG-IQ'])
    .optional()
    .describe('What it is; BIG-IP Next has neither tmsh nor imish; BIG-IP'),
  version: z.string().optional().describe('TMOS version it reports; 16.1.3'),
  unlicensed: z.boolean().optional().describe('Dynamic routing is not licensed: no protocol can be enabled'),
  ha: z.enum(['standalone', 'active', 'standby']).optional().describe('Its place in a pair at the start; standalone'),
  sync: z.string().optional().describe('How far a pair is in sync, as its prompts say it; In Sync'),
  promptStates: z
    .array(z.string())
    .optional()
    .describe("What bash's prompt says in place of Active:Standalone, one after the other from prompt to prompt"),
  lockdown: z
    .union([z.enum(['none', 'all', 'default']), z.array(z.string())])
    .optional()
    .describe('allow-service of the self-IP at the start; [tcp:ssh]'),
  selfIp: z
    .enum(['present', 'missing', 'floating'])
    .optional()
    .describe('Whether the self-IP exists at the start, and whether it floats; present'),
  routeDomain: z.number().int().min(0).max(65534).optional().describe('Route domain of VLAN and self-IP; 0'),
  routingProtocol: z.boolean().optional().describe('BGP is enabled on the route domain at the start'),
  tmosRouting: z
    .boolean()
    .optional()
    .describe('TMOS routing mode instead of legacy: a configuration made by tmsh stands in imish'),
  zebos: z.array(z.string()).optional().describe('Configuration lines that somebody had entered in imish before'),
};

/** How its imish talks, where releases differ or nobody knows. */
const dialogue = {
  daemonDelay: z.number().min(0).optional().describe('Seconds until imish answers after BGP was enabled; 0'),
  promptSpace: z.boolean().optional().describe('A space stands after the prompts of imish'),
  configBanner: z
    .enum(['two-spaces', 'one-space', 'none'])
    .optional()
    .describe('What configure terminal says: a sentence with so many spaces before End, or nothing; two-spaces'),
  enablePassword: z.string().min(1).optional().describe('imish asks for it at enable'),
  pager: z
    .enum(['terminal', 'always', 'stubborn'])
    .optional()
    .describe('imish pages on a terminal; without one as well; and knows no terminal length; terminal'),
  unknownCommand: z.boolean().optional().describe('imish refuses with Unknown command, without a caret'),
  remarks: z.boolean().optional().describe('imish takes the name of a list that is not there, and remarks on it'),
  strictAsn: z
    .boolean()
    .optional()
    .describe('imish takes AS numbers above 65535 only after bgp extended-asn-cap, which comes before BGP'),
  silentPipe: z.boolean().optional().describe('imish echoes nothing that comes through a pipe'),
  wrapEcho: z.boolean().optional().describe('imish breaks the echo of a line at the right edge of the terminal'),
  execKeepsMode: z.boolean().optional().describe('The -e of one call share a session: they can configure'),
  lastCharacterLoss: z
    .boolean()
    .optional()
    .describe('imish -f loses the last character of each line, as 14.1.3.1 does'),
};

/** What it prints of its configuration and its tables. */
const printing = {
  passwords: z
    .enum(['hidden', 'encrypted', 'clear'])
    .optional()
    .describe('How show running-config prints passwords; hidden'),
  respell: z
    .record(z.string(), z.string())
    .optional()
    .describe('Lines of the configuration that are printed and saved otherwise: line to text, empty for left out'),
  bulk: z.number().int().min(0).max(1_000_000).optional().describe('So many lines more in the running configuration'),
  columns: z.enum(['usual', 'other']).optional().describe('Column widths of show ip bgp and its summary; usual'),
  wrappedRows: z.boolean().optional().describe('Every row of show ip bgp summary takes two lines'),
};

/** What goes wrong, and who else is there. */
const trouble = {
  hang: z.boolean().optional().describe('SSH logins are accepted, then nothing answers'),
  bytesPerSecond: z.number().int().min(1).optional().describe('How fast imish and tmsh print'),
  dropAfterCommands: z.number().int().min(1).optional().describe('The SSH connection is cut after so many commands'),
  stallAfterCommands: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('The SSH connection stands still after so many commands, and stays open'),
  dropAfterBytes: z.number().int().min(1).optional().describe('The SSH connection is cut after so many bytes'),
  fullDisk: z.boolean().optional().describe('Nothing can be saved: write and save sys config fail'),
  intruder: z
    .strictObject({
      afterReads: z.number().int().min(1).default(1).describe('show running-config after which somebody comes'),
      lines: z.array(z.string()).describe('What that person enters in imish'),
    })
    .optional()
    .describe('Somebody who changes the configuration between two commands'),
};

/** What a stand-in BIG-IP can be told to do differently; for tests and teaching. Everything is off unless said. */
export const UnitSwitches = z.strictObject({ ...unit, ...dialogue, ...printing, ...trouble });
export type UnitSwitches = z.infer<typeof UnitSwitches>;
