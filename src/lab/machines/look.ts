import { readdir } from 'node:fs/promises';
import { z } from 'zod';
import { run } from './run.ts';

/** Folder in which `ip netns` keeps a name for each namespace. */
const NETNS = '/run/netns';

/** Names of all namespaces of the machine. */
export async function namespaces(): Promise<ReadonlySet<string>> {
  return new Set(await readdir(NETNS).catch(() => []));
}

/** What is in a namespace now. */
export interface Sight {
  /** The text on its loopback interface: whose it is. */
  readonly mark: string | undefined;
  readonly links: ReadonlyMap<string, { readonly up: boolean; readonly bridge: string | undefined }>;
  /** `eth0 172.19.0.2/16` */
  readonly addresses: ReadonlySet<string>;
  /** `10.53.0.1 dev cali0`, `default via 172.19.0.1 dev eth0` */
  readonly routes: ReadonlySet<string>;
}

/** A namespace that was just made. */
export const NOTHING: Sight = { mark: undefined, links: new Map(), addresses: new Set(), routes: new Set() };

const Links = z.array(
  z.object({
    ifname: z.string(),
    flags: z.array(z.string()),
    master: z.string().optional(),
    ifalias: z.string().optional(),
  }),
);
const Addresses = z.array(
  z.object({ ifname: z.string(), addr_info: z.array(z.object({ local: z.string(), prefixlen: z.number() })) }),
);
const Routes = z.array(z.object({ dst: z.string(), gateway: z.string().optional(), dev: z.string().optional() }));

/** One process for all of it. */
export async function look(namespace: string): Promise<Sight> {
  const answer = await run(['ip', '-json', '-n', namespace, '-batch', '-'], 'link show\naddr show\nroute show\n');
  const [links, addresses, routes] = answer
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  const seen = Links.parse(links);
  return {
    mark: seen.find(({ ifname }) => ifname === 'lo')?.ifalias,
    links: new Map(
      seen.map(({ ifname, flags, master }) => [ifname, { up: flags.includes('UP'), bridge: master }] as const),
    ),
    addresses: new Set(
      Addresses.parse(addresses).flatMap(({ ifname, addr_info }) =>
        addr_info.map(({ local, prefixlen }) => `${ifname} ${local}/${prefixlen}`),
      ),
    ),
    routes: new Set(
      Routes.parse(routes).map(({ dst, gateway, dev }) =>
        [dst, gateway && `via ${gateway}`, dev && `dev ${dev}`].filter(Boolean).join(' '),
      ),
    ),
  };
}
