import type { RunCommand, RunOutcome } from './journal.ts';
import type { ElementChange } from './step.ts';

/** A step as events name it. `host` is what people call the host. */
export interface StepRef {
  readonly step: string;
  readonly title: string;
  readonly host: string;
  readonly phase: string;
}

/** Everything the engine tells the outside world. `ui/` has four listeners: task list, plain lines, NDJSON, log file. */
export type Event =
  | { readonly type: 'run.start'; readonly run: string; readonly command: RunCommand; readonly cluster: string }
  | { readonly type: 'run.end'; readonly outcome: RunOutcome; readonly seconds: number }
  | {
      readonly type: 'phase.start';
      readonly phase: string;
      readonly by: 'phase' | 'host';
      readonly steps: readonly StepRef[];
    }
  | { readonly type: 'phase.end'; readonly phase: string; readonly seconds: number }
  | ({ readonly type: 'step.start' } & StepRef)
  | ({ readonly type: 'step.progress'; readonly text: string } & StepRef)
  | ({ readonly type: 'step.satisfied'; readonly seconds: number } & StepRef)
  | ({
      readonly type: 'step.applied';
      readonly changes: readonly ElementChange[];
      /** One line for each change, for people. */
      readonly lines: readonly string[];
      readonly seconds: number;
    } & StepRef)
  | ({ readonly type: 'step.released'; readonly keys: readonly string[]; readonly why: string } & StepRef)
  | ({ readonly type: 'step.closed'; readonly closing: string; readonly remark?: string } & StepRef)
  | ({ readonly type: 'step.skipped'; readonly why: string } & StepRef)
  | ({ readonly type: 'step.failed'; readonly error: unknown; readonly seconds: number } & StepRef)
  | { readonly type: 'host.lost'; readonly host: string; readonly error: unknown }
  | { readonly type: 'gate.wait'; readonly gate: string; readonly phase: string; readonly missing: string }
  | { readonly type: 'gate.open'; readonly gate: string; readonly phase: string; readonly seconds: number }
  /** A download goes on, told now and then. Bytes; `total` where the server says. */
  | {
      readonly type: 'artifact.progress';
      readonly artifact: string;
      readonly received: number;
      readonly total?: number;
    }
  | {
      readonly type: 'artifact.fetched';
      readonly artifact: string;
      readonly url: string;
      /** Bytes. */
      readonly size: number;
      readonly seconds: number;
    }
  /** What was sent to a host, redacted. `reads`: the table of harmless commands knows it. */
  | {
      readonly type: 'command';
      readonly host: string;
      readonly argv: readonly string[];
      readonly reads: boolean;
      readonly code?: number;
      readonly seconds: number;
    }
  /** Told once, however often it is met; `afresh` where it was gone in between. */
  | { readonly type: 'warning'; readonly text: string; readonly afresh?: true }
  /** What a command ended in. Only programs are told so; people read it in full below. */
  | { readonly type: 'error'; readonly error: unknown };

export type Listener = (event: Event) => void;
