import { z } from 'zod';
import { CpaasError } from '../../../core/errors.ts';
import type { Closing } from '../../../core/step-kind.ts';
import { ANY_ANSWER } from '../change/running.ts';
import type { UnitPlace } from '../place.ts';
import { someOf } from './saved.ts';
import { unsavedObjects } from './saved-objects.ts';

const SAVE = ['tmsh', 'save', 'sys', 'config'] as const;

/** What somebody had changed by tmsh, and not saved, before we changed anything. */
const Before = z.object({ unsaved: z.array(z.string()) }).optional();

const NOT_SEEN = 'saved with whatever else was unsaved there: this login sees no files, so it was not read back';

const notSaved = (lines: readonly string[]): string =>
  `not saved, since somebody's changes had not been saved before (${someOf(lines)}): tmsh save sys config saves all`;

/**
 * Saves what tmsh changed, once for all places of a unit, and reads it back. imish's configuration is saved apart. Where somebody else's
 * changes were there unsaved, they are not saved for him.
 */
export const saveSysConfig: Closing<Pick<UnitPlace, 'host' | 'unit'>> = {
  id: ({ unit }) => `save sys config:${unit}`,
  title: () => 'save sys config',
  commands: () => [{ argv: SAVE }],
  before: async (ctx, { host }) => ({ unsaved: (await unsavedObjects(ctx, host)) ?? [] }),

  async act(ctx, { host }, found) {
    const unit = ctx.host(host);
    const open = await unsavedObjects(ctx, host);
    const before = found.map((each) => Before.parse(each)?.unsaved ?? []);
    const [first = [], ...others] = before;
    const theirs = (open ?? []).filter((line) => [first, ...others].every((unsaved) => unsaved.includes(line)));
    if (theirs.length > 0) return notSaved(theirs);
    const { code, stdout, stderr } = await unit.run(SAVE, { codes: ANY_ANSWER, timeout: 120_000 });
    const left = await unsavedObjects(ctx, host);
    if (code === 0 && left === undefined) return NOT_SEEN;
    if (code === 0 && left?.length === 0) return undefined;
    throw new CpaasError(
      'BIGIP.NOT_SAVED',
      `${unit.name}: what tmsh changed is in force, and a restart would not bring it back`,
      {
        evidence: [
          { label: 'answer', text: `${stdout}${stderr}`.trim() || '(nothing)' },
          ...(left ?? []).map((text) => ({ label: 'differs', text })),
        ],
        next: [{ label: 'tells whether its disk is full, on the unit', command: 'df /config' }],
      },
    );
  },
};
