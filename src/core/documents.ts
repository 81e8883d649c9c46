import type { SessionStatus } from './bgp-documents.ts';
import type { ErrorCode, Evidence, NextAction } from './errors.ts';
import type { RunOutcome } from './journal.ts';
import type { Cause, Command, Risk } from './step.ts';

/** The version of every document that cpaas prints with `-o json` and reads as a cluster file. */
export const API_VERSION = 'cpaas.dev/v1alpha1';

export type StepState = 'satisfied' | 'pending' | 'conflict' | 'unreachable';

export interface PlannedChange {
  readonly key: string;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly cause: Cause;
  readonly risk: Risk;
  /** What dies. */
  readonly why?: string;
  /** The change in words. */
  readonly text: string;
}

export interface PlannedStep {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly host: string;
  /** The highest of its changes. */
  readonly risk: Risk;
  readonly state: StepState;
  readonly changes: readonly PlannedChange[];
  readonly conflicts?: readonly { readonly key: string; readonly why: string; readonly code?: string }[];
  /** Why it could not be looked at, or what else is to be said. */
  readonly why?: string;
  readonly commands: readonly (Omit<Command, 'host'> & { readonly host: string })[];
}

export interface PlannedPhase {
  readonly name: string;
  readonly by: 'phase' | 'host';
  /** `known after Lab`. */
  readonly deferred?: string;
  readonly preview?: readonly string[];
  /** Why its steps cannot be known: what it is made from could not be read. */
  readonly error?: string;
  readonly steps: readonly PlannedStep[];
}

export interface PlanSummary {
  readonly satisfied: number;
  readonly pending: number;
  readonly conflict: number;
  readonly unreachable: number;
  readonly deferred: number;
}

export interface PlanDocument {
  readonly cluster: string;
  readonly phases: readonly PlannedPhase[];
  readonly summary: PlanSummary;
}

export interface RanStep {
  readonly id: string;
  readonly title: string;
  readonly host: string;
  readonly outcome: 'applied' | 'satisfied' | 'failed' | 'skipped' | 'rolled-back';
  readonly seconds: number;
}

export interface ErrorSummary {
  readonly code: string;
  readonly message: string;
  /** What was seen, line by line: the problems of a file, the answer of a device. */
  readonly evidence?: readonly Evidence[];
  readonly next: readonly NextAction[];
}

export interface RunDocument {
  readonly cluster: string;
  readonly run: string;
  readonly outcome: RunOutcome;
  readonly steps: readonly RanStep[];
  readonly error?: ErrorSummary;
  readonly seconds: number;
}

export interface NodeStatus {
  readonly name: string;
  readonly address?: string;
  readonly ready: boolean;
  readonly blocks: readonly string[];
  readonly pods: number;
}

export interface RouteStatus {
  readonly prefix: string;
  readonly node: string;
  readonly via: string;
  readonly host: string;
  readonly ours: boolean;
  readonly present: boolean;
}

export interface RouteTableDocument {
  readonly routes: readonly RouteStatus[];
}

export interface StatusDocument extends PlanDocument {
  readonly counts: {
    readonly drift: number;
    readonly pending: number;
    readonly foreign: number;
    readonly unreachable: number;
  };
  readonly nodes: readonly NodeStatus[];
  /** Names of nodes that nobody peers with: nothing of Calico is there. */
  readonly leftOut: readonly string[];
  readonly sessions: readonly SessionStatus[];
  readonly routes: readonly RouteStatus[];
  readonly healthy: boolean;
}

/** One thing that is wrong. */
export interface DoctorFinding {
  readonly code: ErrorCode;
  readonly severity: 'error' | 'warning';
  /** What it is about: a host and a step of it, a session, a block. */
  readonly subject: string;
  /** What shows it, line by line. */
  readonly evidence: string;
  /** What to do about it: a command, or words. */
  readonly fix: string;
}

export interface DoctorDocument {
  readonly cluster: string;
  readonly findings: readonly DoctorFinding[];
  /** Names of nodes that nobody peers with: nothing of Calico is there. */
  readonly leftOut: readonly string[];
}

export interface Check {
  readonly id: string;
  readonly title: string;
  readonly subject: string;
  readonly result: 'pass' | 'fail' | 'skip';
  readonly detail: string;
  readonly seconds: number;
}

export interface VerifyDocument {
  readonly checks: readonly Check[];
  readonly summary: { readonly pass: number; readonly fail: number; readonly skip: number };
}
