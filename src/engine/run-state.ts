import type { ReconcileOptions } from '../core/reconcile.ts';
import type { Container, Step } from '../core/step.ts';
import type { Agreement } from './consent.ts';

/** What one run keeps track of. */
export class RunState {
  /** Steps by id, to tell the journal what a place stands in. */
  readonly steps = new Map<string, Step>();
  /** Steps that wrote something in this run. */
  readonly changed = new Set<string>();
  /** Steps of which this run leaves nothing, by id. */
  readonly going = new Set<string>();
  readonly agreement: Agreement;
  /** How places are compared with what is wanted there. */
  readonly reconciling: ReconcileOptions;
  /** Whether changed places are closed. */
  readonly closes: boolean;
  /** Whether closing acts are told nothing of what was found before. */
  readonly overlooks: boolean;
  readonly #added = new Set<string>();

  constructor(
    agreement: Agreement,
    {
      close = true,
      overlook = false,
      ...reconciling
    }: ReconcileOptions & { readonly close?: boolean; readonly overlook?: boolean },
  ) {
    this.agreement = agreement;
    this.reconciling = reconciling;
    this.closes = close;
    this.overlooks = overlook;
  }

  mention(steps: readonly { readonly step: Step }[]): void {
    for (const { step } of steps) this.steps.set(step.id, step);
  }

  noteAdded(element: Container): void {
    this.#added.add(elementId(element));
  }

  /** Whether a place stands in something that this run has made: nobody uses it yet, so nobody loses anything. */
  isNew({ within }: Step): boolean {
    return within !== undefined && this.#added.has(elementId(within));
  }

  done(): boolean {
    return this.changed.size > 0;
  }
}

const elementId = ({ step, key }: Container): string => `${step}\n${key}`;
