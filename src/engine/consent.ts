import { CpaasError } from '../core/errors.ts';
import type { ElementChange, Risk, Step } from '../core/step.ts';
import type { Engine } from './engine.ts';

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
  constructor(done: boolean) {
    super('CONSENT.DECLINED', done ? 'the answer was no; what was done before stays' : 'the answer was no');
  }
}

/** Changes of one step that are about to be made. */
export interface Due {
  readonly step: Step;
  readonly changes: readonly ElementChange[];
}

/** What the user has agreed to in this run: each change by its element and its risk is asked about once. */
export class Agreement {
  readonly #agreed = new Set<string>();
  readonly #consent: Consent;
  readonly #engine: Engine;

  constructor(consent: Consent, engine: Engine) {
    this.#consent = consent;
    this.#engine = engine;
  }

  /**
   * Asks for what is new from `disruptive` up, and gives back whether there was anything; throws `Declined` on a no. `done`: whether
   * something was changed before.
   */
  async ask(due: readonly Due[], done: boolean): Promise<boolean> {
    const open = due.flatMap(({ step, changes }) =>
      changes.flatMap((change) => {
        const { risk, why } = step.risk(change);
        const id = `${step.id}\n${change.key}\n${risk}`;
        if (risk === 'additive' || this.#agreed.has(id)) return [];
        const host = this.#engine.ctx.host(step.host).name;
        const stake: AtStake = {
          risk,
          title: step.title,
          host,
          text: step.describe(change),
          ...(why === undefined ? {} : { why }),
        };
        return [{ id, stake }];
      }),
    );
    if (open.length === 0) return false;
    if (!(await this.#consent(open.map(({ stake }) => stake)))) throw new Declined(done);
    for (const { id } of open) this.#agreed.add(id);
    return true;
  }
}
