import type { Client, ClientChannel } from 'ssh2';
import { quoteForAnyShell } from '../../core/quote.ts';

/**
 * The mark that a command and its children bear in their environment. Servers take variables named LC_* as they are configured by every
 * distribution; one that does not take them loses nothing but the certain end of commands that are given up.
 */
export const MARK = 'LC_CPAAS';

const END = `grep -lsz "^${MARK}=$0$" /proc/[0-9]*/environ | while IFS=/ read -r _ _ pid _; do kill -KILL "$pid"; done`;

/**
 * Ends a command that is given up. Closing its channel would not: a program goes on until it writes. OpenSSH passes signals on for
 * others, but not for root, hence the search for the mark on a channel of its own.
 */
export function kill(client: Client, channel: ClientChannel, mark: string): void {
  channel.signal('KILL');
  channel.close();
  try {
    client.exec(quoteForAnyShell(['sh', '-c', END, mark]), (error, killer) => {
      if (error) return;
      for (const stream of [killer, killer.stderr]) stream.resume();
      killer.end();
    });
  } catch {
    // The connection is gone, and nothing more can be done from here.
  }
}
