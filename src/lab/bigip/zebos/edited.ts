import type { Context, ZebosConfig } from './config.ts';
import type { FrrLine } from './frr-lines.ts';

/** What one line did. `said` is what imish prints; a refused line changes nothing and leaves the session where it was. */
export interface Edited {
  readonly config: ZebosConfig;
  readonly context: Context;
  readonly said?: string;
  /** What imish prints although the line was taken. */
  readonly remark?: string;
  /** Column that the caret stands under. */
  readonly invalidAt?: number;
  readonly frr: readonly FrrLine[];
}

export type Place = Pick<Edited, 'config' | 'context'>;
