import { formatAddress, parseAddress } from '../net/cidr.ts';

/** What a BGPPeer's `peerIP` leads to. */
export interface PeerAddress {
  /** In its usual spelling; the text itself where it is no address. */
  readonly address: string;
  /** The one usual spelling of all of it: a port only where it is another than BGP's own. */
  readonly peerIP: string;
}

const BGP_PORT = 179;

/** Reads `peerIP` in every spelling that Calico takes: `ip`, `ip:port`, `[ip]:port`, and IPv6 shortened, written out, or in capitals. */
export function peerAddressOf(text: string): PeerAddress {
  const [, bracketed, plain, digits] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  const read = parseAddress(bracketed ?? plain ?? text);
  if (!read) return { address: text, peerIP: text };
  const address = formatAddress(read);
  const port = Number(digits ?? BGP_PORT);
  if (port === BGP_PORT) return { address, peerIP: address };
  return { address, peerIP: `${read.family === 6 ? `[${address}]` : address}:${port}` };
}
