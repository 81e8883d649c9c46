import { reading } from '../../../core/reading.ts';

/** What every program but tmsh, imish and ping ends with for a login that gets no shell. */
export const NO_SHELL = 127;
export const HAS_SHELL = reading(['true'], { codes: [NO_SHELL] });

/** What whoever plans a change there should know. */
export const takenBackFromHere = (unit: string): string =>
  `${unit} gives this login no bash: it cannot take a change of BGP back by itself. cpaas does where one fails, as long as it runs and reaches the unit`;
