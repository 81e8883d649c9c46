import type { Evidence, NextAction } from './errors.ts';
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
  readonly conflicts?: readonly { readonly key: string; readonly why: string }[];
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

/** One BGP session of a router, from both ends. The other end is a node, or another router. */
export interface SessionStatus {
  /** Its name; the address where no more is known of it. */
  readonly node: string;
  readonly nodeAddress: string;
  readonly router: string;
  readonly routerAddress: string;
  /** `Established`, another state of BGP, `absent` where it is not configured, `unknown` where nobody can tell. */
  readonly atNode: { readonly state: string; readonly since?: string };
  readonly atRouter: { readonly state: string; readonly uptime?: string; readonly prefixes?: number };
  /** Whether both ends say Established. */
  readonly agree: boolean;
  /** The same; or that the router says so, where nobody knows the way to the other end. */
  readonly up: boolean;
  /** Why it is not up, as far as the two ends say. */
  readonly why?: string;
}

export interface BgpStatusDocument {
  readonly sessions: readonly SessionStatus[];
}

/** One way that a router's BGP knows to a prefix. */
export interface LearnedPath {
  readonly nextHop: string;
  readonly best: boolean;
  readonly valid: boolean;
  /** Kept by graceful restart although its session is gone. */
  readonly stale: boolean;
}

/** How a router forwards to a prefix. */
export interface ForwardedBy {
  readonly nextHop?: string;
  readonly vlan?: string;
  /** The route by which it finds the next hop; nothing where there is none. `code` as the unit lists it: `C` a network of its own, `K` tmsh. */
  readonly through?: {
    readonly prefix: string;
    readonly code: string;
    readonly nextHop?: string;
    readonly vlan?: string;
  };
}

/** A pod block, or one borrowed address, as one router has it. */
export interface LearnedBlock {
  readonly prefix: string;
  /** Whether it is one address that a node has borrowed from another's block. */
  readonly borrowed: boolean;
  /** Who owns it, and the address of that node. Nobody: no node has it any more, or whose it is was not asked. */
  readonly node?: string;
  readonly owner?: string;
  readonly router: string;
  /** Next hop of the path in force; nothing where none is. */
  readonly nextHop?: string;
  readonly paths: readonly LearnedPath[];
  /** Whether one of these paths is stale. */
  readonly stale: boolean;
  /** What the routing table says; nothing where it has no such route. */
  readonly installed?: ForwardedBy;
  /** What is wrong with it. */
  readonly trouble?: string;
}

export interface BgpRoutesDocument {
  readonly blocks: readonly LearnedBlock[];
}

/** A context of a router's configuration in which two states of it differ. */
export interface ContextDiff {
  /** `global`, `prefix-lists`, `router bgp`, `address-family ipv6`, or the first line of another block. */
  readonly context: string;
  readonly removed: readonly string[];
  readonly added: readonly string[];
  /** The same as a unified diff. */
  readonly patch: string;
}

/** How the BGP of one router differs. */
export interface RouterDiff {
  readonly router: string;
  /** Nothing where it cannot be told. */
  readonly routeDomain?: number;
  /** Whether its route domain has BGP at all: without it nothing is running. */
  readonly enabled: boolean;
  /** From what is running to what is wanted. */
  readonly wanted: readonly ContextDiff[];
  /** From what is saved to what is running. */
  readonly unsaved: readonly ContextDiff[];
  /** What is somebody else's and in the way of what is wanted. */
  readonly conflicts: readonly string[];
  /** Why it cannot be told. */
  readonly unknown?: string;
}

export interface BgpDiffDocument {
  readonly routers: readonly RouterDiff[];
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
  readonly sessions: readonly SessionStatus[];
  readonly routes: readonly RouteStatus[];
  readonly healthy: boolean;
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
