import type { UnitSwitches } from '../../spec.ts';

/** How an imish speaks, where releases differ or nobody knows. */
export type Dialect = {
  readonly [K in 'promptSpace' | 'configBanner' | 'enablePassword' | 'pager' | 'unknownCommand']-?: NonNullable<
    UnitSwitches[K]
  >;
};

/** As in the transcripts. */
export const PLAIN_DIALECT: Dialect = {
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

export function configBanner(dialect: Dialect): string {
  return BANNERS[dialect.configBanner];
}

/** Why a line was not understood, with the caret under `at` where it stands under something. [unverified] wording */
export function invalid(dialect: Dialect, line: string, at: number): string {
  if (dialect.unknownCommand) return `% Unknown command: ${line.trim()}\n`;
  return `${' '.repeat(at)}^\n% Invalid input detected at '^' marker.\n`;
}
