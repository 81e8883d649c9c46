import { CpaasError } from '../core/errors.ts';
import type { ElementChange, Risk } from '../core/step.ts';
import type { Engine } from './engine.ts';
import type { Looked } from './survey.ts';

/** A change that takes something from somebody: what the user is asked about. */
export interface AtStake {
  readonly risk: Exclude<Risk, 'additive'>;
  /** What is changed, and where. */
  readonly title: string;
  readonly host: string;
  /** The change in words. */
  readonly text: string;
  /** What dies. */
  readonly why?: string;
}

/** Asks the user. False is a no. */
export type Consent = (stakes: readonly AtStake[]) => Promise<boolean>;

/** The run ends here because the user said no. */
export class Declined extends CpaasError {
  constructor() {
    super('CONSENT.DECLINED', 'nothing was changed: the answer was no');
  }
}

/** Asks for the changes from `disruptive` up; throws `Declined` on a no. */
export async function ask(
  items: readonly Looked[],
  due: (change: ElementChange) => boolean,
  consent: Consent,
  engine: Engine,
): Promise<void> {
  const stakes = items.flatMap(({ step, found }) =>
    (found?.changes ?? []).filter(due).flatMap((change): AtStake[] => {
      const { risk, why } = step.risk(change);
      if (risk === 'additive') return [];
      const host = engine.ctx.host(step.host).name;
      return [{ risk, title: step.title, host, text: step.describe(change), ...(why === undefined ? {} : { why }) }];
    }),
  );
  if (stakes.length > 0 && !(await consent(stakes))) throw new Declined();
}
