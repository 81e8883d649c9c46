import { z } from 'zod';
import { parseAnswer } from '../host/answer.ts';
import { parseRoutes } from '../host/kernel-routes.ts';
import { contains } from '../net/cidr.ts';

export interface InterfaceAddress {
  readonly device: string;
  /** IPv4, without its length. */
  readonly address: string;
  readonly length: number;
}

/** A network as a machine's table of routes has it. */
export interface Link {
  readonly network: string;
  readonly device?: string;
  /** As `ip` names it: kernel for the machine's own networks. */
  readonly protocol: string;
}

const Rows = z.array(
  z.object({
    ifname: z.string().optional(),
    addr_info: z
      .array(z.object({ family: z.string(), local: z.string().optional(), prefixlen: z.number().optional() }))
      .optional(),
  }),
);

/** The answer to `ip -json address show`: IPv4 addresses, those of the loopback interface left out. */
export function addressesOf(stdout: string, host: string): readonly InterfaceAddress[] {
  const rows = parseAnswer(Rows, stdout || '[]', 'HOST.ANSWER', `ip address on ${host}`);
  return rows.flatMap(({ ifname: device = '', addr_info = [] }) =>
    addr_info.flatMap(({ family, local: address, prefixlen: length }) =>
      device !== 'lo' && family === 'inet' && address !== undefined && length !== undefined
        ? [{ device, address, length }]
        : [],
    ),
  );
}

export const linksOf = (stdout: string, host: string): readonly Link[] =>
  parseRoutes(stdout, host)
    .filter(({ destination }) => destination !== '0.0.0.0/0')
    .map(({ destination, dev, protocol }) => ({
      network: destination,
      protocol,
      ...(dev === undefined ? {} : { device: dev }),
    }));

/** The machine's only address in a network; nothing where it has none or several there. */
export function soleAddress(addresses: readonly InterfaceAddress[], network: string): string | undefined {
  const inside = addresses.filter(({ address }) => contains(network, address));
  return inside.length === 1 ? inside[0]?.address : undefined;
}
