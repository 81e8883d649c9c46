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
