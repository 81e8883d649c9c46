/** What a unit says it is: `BIG-IP`, `17.1.1.3`. */
export interface Product {
  readonly name: string;
  readonly version: string;
}

/** Reads `tmsh show sys version`, whose columns are wider since 21; nothing for what is no such answer. */
export function productIn(shown: string): Product | undefined {
  const name = /^\s*Product\s+(.+?)\s*$/m.exec(shown)?.[1];
  const version = /^\s*Version\s+(\S+)/m.exec(shown)?.[1];
  return name && version ? { name, version } : undefined;
}

/** BIG-IP 13 to 17 and 21. BIG-IP Next, which has neither tmsh nor imish, counts from 20. */
export function isSupported({ name, version }: Product): boolean {
  const major = Number.parseInt(version, 10);
  return name === 'BIG-IP' && ((major >= 13 && major <= 17) || major === 21);
}
