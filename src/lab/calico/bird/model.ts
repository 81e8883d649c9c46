/** A node as BGP sees it. */
export interface BgpNode {
  readonly name: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The node's own AS number, where it has one. */
  readonly asNumber?: number;
  /** Set on route reflectors: they leave the mesh. */
  readonly routeReflectorClusterId?: string;
}

/** `BGPConfiguration` `default`, with what is true when it does not say. */
export interface BgpSettings {
  readonly asNumber: number;
  readonly mesh: boolean;
  /** Seconds. */
  readonly meshRestartTime?: number;
  readonly meshPassword?: string;
  readonly listenPort: number;
  /** Listens on the node's address only. */
  readonly bindNodeAddress: boolean;
  readonly ignoredInterfaces: readonly string[];
  /** Communities that routes inside a network get when they are exported: `65000:100`, `65000:1:2`. */
  readonly advertisements: readonly { readonly cidr: string; readonly communities: readonly string[] }[];
}

export const DEFAULT_SETTINGS: BgpSettings = {
  asNumber: 64512,
  mesh: true,
  listenPort: 179,
  bindNodeAddress: false,
  ignoredInterfaces: [],
  advertisements: [],
};

/** A session that one node is to have besides the mesh. */
export interface Peer {
  /** What it was made by: a peer of all nodes, or of this one. */
  readonly scope: 'Global' | 'Node';
  readonly address: string;
  readonly port?: number;
  readonly asNumber: number;
  readonly localAsNumber?: number;
  readonly nextHop: 'auto' | 'self' | 'keep';
  readonly sourceAddress: boolean;
  /** Seconds. */
  readonly restartTime?: number;
  readonly password?: string;
  /** Hops; TTL security is off when left out. */
  readonly ttlSecurity?: number;
  readonly allowedLocalAs?: number;
  readonly reachableBy?: string;
  /** Names of filters, in order. */
  readonly filters: readonly string[];
  /** The peer is a node of this cluster. */
  readonly toNode?: BgpNode;
}

export interface FilterRule {
  readonly action: 'Accept' | 'Reject';
  readonly cidr?: string;
  readonly operator?: 'Equal' | 'NotEqual' | 'In' | 'NotIn';
  readonly length?: { readonly min: number; readonly max: number };
  readonly remotePeers: boolean;
  readonly interface?: string;
}

export interface Filter {
  readonly name: string;
  readonly exports: readonly FilterRule[];
  readonly imports: readonly FilterRule[];
}

export interface Pool {
  readonly cidr: string;
  readonly disableExport: boolean;
}

/** Everything that decides the BIRD configuration of one node. */
export interface BirdInput {
  readonly node: BgpNode;
  /** All nodes, this one included. */
  readonly nodes: readonly BgpNode[];
  readonly settings: BgpSettings;
  readonly peers: readonly Peer[];
  readonly filters: readonly Filter[];
  /** Confirmed blocks of this node. */
  readonly blocks: readonly string[];
  readonly pools: readonly Pool[];
}
