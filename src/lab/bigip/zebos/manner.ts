import type { UnitSwitches } from '../../spec.ts';

/** How an imish speaks, where releases differ or nobody knows. */
export type Manner = {
  readonly [K in 'promptSpace' | 'configBanner' | 'enablePassword' | 'pager' | 'unknownCommand']-?: NonNullable<
    UnitSwitches[K]
  >;
};

/** As in the transcripts. */
export const PLAIN_MANNER: Manner = {
  promptSpace: false,
  configBanner: 'two-spaces',
  enablePassword: '',
  pager: 'terminal',
  unknownCommand: false,
};

const BANNERS = {
  'two-spaces': 'Enter configuration commands, one per line.  End with CNTL/Z.\n',
  'one-space': 'Enter configuration commands, one per line. End with CNTL/Z.\n',
  none: '',
} as const;

export function configBanner(manner: Manner): string {
  return BANNERS[manner.configBanner];
}

/** Why a line was not understood, with the caret under `at` where it stands under something. [unverified] wording */
export function invalid(manner: Manner, line: string, at: number): string {
  if (manner.unknownCommand) return `% Unknown command: ${line.trim()}\n`;
  return `${' '.repeat(at)}^\n% Invalid input detected at '^' marker.\n`;
}
