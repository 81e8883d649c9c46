/** A router as it is looked at. */
export interface RouterPlace {
  readonly name: string;
  /** Key in the host table. */
  readonly host: string;
  /** The self-IP that nodes peer with. */
  readonly address: string;
  readonly routeDomain: number;
}

/** A router as the rest of cpaas asks it. */
export interface RouterTarget extends RouterPlace {
  readonly asNumber: number;
}
