/** A router as the rest of cpaas asks it. */
export interface RouterTarget {
  readonly name: string;
  /** Key in the host table. */
  readonly host: string;
  /** The self-IP that nodes peer with. */
  readonly address: string;
  readonly asNumber: number;
  readonly routeDomain: number;
}
