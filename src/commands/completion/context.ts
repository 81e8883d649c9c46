import type { Globals } from '../../cli/globals.ts';
import type { Io } from '../../cli/io.ts';

/** Where a value is looked up: the options of the command line that is being typed, as far as it was typed. */
export interface CompletionContext {
  readonly options: Globals;
  readonly io: Pick<Io, 'env'>;
}
