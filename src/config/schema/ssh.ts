import { z } from 'zod';
import { SshHost } from '../../core/host-spec.ts';
import { HostName, Secret, sshName } from './fields.ts';

const { port, identityFiles, proxyCommand } = SshHost.shape;

/** How to log in to a machine: the file's half of core's `SshHost`. What is left out comes from the user's ssh configuration. */
export const Ssh = z.strictObject({
  host: HostName.describe('Name or address that ssh connects to; a Host of your ssh configuration works too'),
  port: port.describe('TCP port of the SSH server; from your ssh configuration, or 22'),
  user: z
    .string()
    .regex(sshName('@'), {
      error: 'a login name has no spaces, no @, nothing special to a shell, and no dash before it',
    })
    .optional()
    .describe('Login name, on a BIG-IP root or an administrator; from your ssh configuration, or your own'),
  identityFiles: identityFiles.describe('Private keys to offer besides the agent; ~ is your home folder'),
  passphrase: Secret.optional().describe('Where the passphrase of the private keys is'),
  password: Secret.optional().describe('Where the password is'),
  proxyCommand: proxyCommand.describe('Program whose standard input and output lead to the host, as a list of words'),
  proxyJump: z
    .string()

    .regex(sshName(''), { error: 'give hosts as for ssh -J: jump1,admin@jump2:2222' })
    .optional()
    .describe('Hosts to go through, separated by commas, as for ssh -J'),
});
