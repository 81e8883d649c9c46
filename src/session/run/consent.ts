import type { Globals } from '../../cli/globals.ts';
import type { Io } from '../../cli/io.ts';
import { viewOn } from '../../cli/view.ts';
import type { Consent } from '../../engine/consent.ts';
import { askConsent } from '../../ui/prompts/ask.ts';

/** `-y` agrees to what disrupts, only `--confirm NAME` to what destroys; whatever is left is asked on the terminal. */
export const consenting =
  (command: string, cluster: string, globals: Globals, io: Io): Consent =>
  async (stakes) => {
    const agreed = globals.confirm === cluster;
    const open = stakes.filter(({ risk }) => !agreed && (risk === 'destructive' || !globals.yes));
    if (open.length === 0) return true;
    const view = await viewOn('stderr', globals, io);
    const terminal = { input: io.stdin, output: io.stderr, view, signal: io.interrupted };
    return (await askConsent({ atStake: open, cluster, command }, terminal)) === 'yes';
  };
