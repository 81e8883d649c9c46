/** A router as it is looked at. */
export interface RouterPlace {
  readonly name: string;
  /** Key in the host table. */
  readonly host: string;
  /** The self-IP that nodes peer with. */
  readonly address: string;
  readonly routeDomain: number;
  /** The self-IP that nodes peer with over IPv6 besides. */
  readonly ipv6Address?: string;
}

/** One of the protocols that a router has sessions over, with the address that it speaks from there. */
export interface RouterSide extends RouterPlace {
  readonly family: Family;
}
export type Family = 4 | 6;

export const sidesOf = <Place extends RouterPlace>(router: Place): readonly (Place & RouterSide)[] => [
  { ...router, family: 4 },
  ...(router.ipv6Address === undefined ? [] : [{ ...router, address: router.ipv6Address, family: 6 as const }]),
];

/** Both families where one of the routers has sessions over both. */
export const familiesOf = (routers: readonly RouterPlace[]): readonly Family[] =>
  routers.some(({ ipv6Address }) => ipv6Address !== undefined) ? [4, 6] : [4];

/** A router as the rest of cpaas asks it. */
export interface RouterTarget extends RouterPlace {
  readonly asNumber: number;
}
