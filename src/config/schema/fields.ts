import { z } from 'zod';
import { SecretRef } from '../../core/secret.ts';
import { MAX_AS_NUMBER, parseAsn } from '../../net/asn.ts';
import {
  type Address,
  formatAddress,
  formatNetwork,
  type Network,
  networkAround,
  parseAddress,
  parseNetwork,
} from '../../net/cidr.ts';

/** A message about a text; anything that is no text is told in general words by `problems.ts`. */
const aboutText = (message: (text: string) => string) => (issue: { readonly input?: unknown }) =>
  typeof issue.input === 'string' ? message(issue.input) : undefined;

export const Ipv4Address = z.ipv4({ error: aboutText(addressTrouble) });

/** A network without host bits: zod's own check accepts `10.42.0.7/16`. */
export const Ipv4Network = z
  .cidrv4({ error: aboutText(networkTrouble), abort: true })
  .refine((text) => parseNetwork(text) !== undefined, { error: aboutText(networkTrouble) });

/** An IPv6 address; what comes out is spelled as RFC 5952 wants it. */
export const Ipv6Address = z
  .ipv6({ error: aboutText((text) => ipv6Trouble(text, '2001:db8:20::11')), abort: true })
  .transform((text) => formatAddress(parseAddress(text) as Address));

/** An IPv6 network without host bits, spelled likewise. */
export const Ipv6Network = z
  .cidrv6({ error: aboutText((text) => ipv6Trouble(text, '2001:db8:20::/64')), abort: true })
  .refine((text) => parseNetwork(text) !== undefined, {
    error: aboutText((text) => `${text} is an address inside a network: the network is ${networkAround(text)}`),
    abort: true,
  })
  .transform((text) => formatNetwork(parseNetwork(text) as Network));

const ipv6Trouble = (text: string, example: string): string =>
  parseAddress(text.split('/', 1)[0] ?? '')?.family === 4
    ? `${text} is IPv4: IPv6 is wanted, such as ${example}`
    : `${text || 'an empty text'} is not as ${example}`;

const sourceTrouble = (text: string) => (text.includes('/') ? networkTrouble(text) : addressTrouble(text));

/** One address or a whole network. */
export const AddressOrNetwork = z.union([Ipv4Address, Ipv4Network], { error: aboutText(sourceTrouble) });

/** The union and both of its options say the same, whichever of them zod asks. */
const aboutAsn = { error: ({ input }: { readonly input?: unknown }) => asnTrouble(input) };

/** 1 to 4294967295, as a number or as text; `1.10` is 65546. */
export const AsNumber = z
  .union([z.number(aboutAsn).int().min(1).max(MAX_AS_NUMBER), z.string().regex(/^\d+(\.\d+)?$/, aboutAsn)], aboutAsn)
  .transform((input, ctx) => {
    const asn = parseAsn(input);
    if (asn !== undefined) return asn;
    ctx.addIssue({ code: 'custom', message: asnTrouble(input), input });
    return z.NEVER;
  });

/** A name that may become a part of a host name, a namespace and a Kubernetes object: RFC 1123. */
export const dnsLabel = (max: number) =>
  z.string().regex(new RegExp(`^(?=.{1,${max}}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$`), {
    error: aboutText((text) => labelTrouble(text, max)),
  });

/** A release, `v3.31.7`. */
export const version = (example: string, pattern: RegExp) =>
  z.string().regex(pattern, {
    error: aboutText((text) =>
      pattern.test(`v${text}`) ? `write v${text}: versions begin with v` : `${text} is no version such as ${example}`,
    ),
  });

/** An address with http or https. Files are printed and kept, so no password is in one; `instead` says where it belongs. */
export const webUrl = (what: string, instead: string) =>
  z
    .url({ protocol: /^https?$/, error: `${what} is a URL with http or https` })
    .refine((text) => !URL.canParse(text) || new URL(text).username + new URL(text).password === '', {
      error: `${what} is written without user and password: ${instead}`,
    });

export const Secret = z.union(SecretRef.options, { error: ({ input }) => secretTrouble(input) });

/** What a shell would take for more than a word: a ProxyCommand of the user's gets names by %h and %r. As OpenSSH since 9.6. */
const SHELL = '\'"`$\\\\;&<>|(){}*?!#~';

/** A name that ssh, and a shell behind it, take for one. A leading dash would be read as an option. */
export const sshName = (others: string): RegExp =>
  new RegExp(`^[^\\s\\p{Cc}${SHELL}${others}-][^\\s\\p{Cc}${SHELL}${others}]*$`, 'u');

/** A host's name or address. */
export const HostName = z.string().regex(sshName('@/'), {
  error: aboutText((text) =>
    text.includes('@')
      ? `write host and user apart: host: ${text.split('@')[1]}, user: ${text.split('@')[0]}`
      : `${text || 'an empty text'} is no host name`,
  ),
});

function addressTrouble(text: string): string {
  const [bare = ''] = text.split(/[%/]/);
  if (parseAddress(bare)?.family === 4) {
    if (text.includes('%')) return `write ${bare} alone: the route domain after % goes into bigip.routeDomain`;
    if (text.includes('/')) return `${text} has a prefix length: an address is wanted, ${bare}`;
  }
  if (parseAddress(text)?.family === 6)
    return `${text} is an IPv6 address: IPv4 is wanted here; what is IPv6 besides goes under ipv6`;
  const plain = text.replace(/\b0+(?=\d)/g, '');
  if (parseAddress(plain)) return `write ${plain}: zeros before a number mean octal to some programs`;
  return `${text || 'an empty text'} is no IPv4 address such as 10.10.2.20`;
}

function networkTrouble(text: string): string {
  const [bare = '', mask = ''] = text.split('/');
  if (parseAddress(bare)?.family === 6)
    return `${text} is IPv6: IPv4 is wanted here; what is IPv6 besides goes under ipv6`;
  if (text === bare && parseAddress(bare))
    return `${text} lacks its prefix length: a network is wanted, such as ${text}/16`;
  const around = networkAround(text);
  if (around) return `${text} is an address inside a network: the network is ${around}`;
  if (parseAddress(bare) && parseAddress(mask)) return `write the mask of ${text} as a length, such as ${bare}/16`;
  return `${text || 'an empty text'} is no network such as 10.53.0.0/16`;
}

function asnTrouble(input: unknown): string {
  if (typeof input === 'number' && !Number.isInteger(input))
    return 'an AS number with a dot needs quotes ("1.10"), or YAML reads it as a fraction and drops its zeros';
  return `an AS number is 1 to ${MAX_AS_NUMBER}, or dotted in quotes as "1.10"`;
}

function labelTrouble(text: string, max: number): string {
  if (text.length > max) return `${text} has ${text.length} characters: a name here has at most ${max}`;
  const lower = text.toLowerCase().replace(/[_. ]/g, '-');
  const rule = 'lower-case letters, digits and dashes, beginning and ending with a letter or digit';
  return /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(lower)
    ? `${text} is no name here: write ${lower} (${rule})`
    : `a name is ${rule}`;
}

/** Says what to write instead, and never repeats what may be a password. */
function secretTrouble(input: unknown): string {
  if (typeof input === 'string' || typeof input === 'number')
    return 'a secret is never written into the file: say where it is, { env: NAME }, { file: PATH }, { command: [...] } or { prompt: TEXT }';
  return 'a secret is exactly one of { env: NAME }, { file: PATH }, { command: [word, ...] } and { prompt: TEXT }';
}
