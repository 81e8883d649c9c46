import { BlockList, isIP } from 'node:net';

type Env = Readonly<Record<string, string | undefined>>;

/** A proxy that the environment names. */
export interface WebProxy {
  /** With user and password, where it has them. */
  readonly url: string;
  /** `proxy.example.com:3128`, for messages. */
  readonly name: string;
}

/** A variable whose value is no proxy. */
export class NoProxyUrl extends Error {
  readonly variable: string;

  constructor(variable: string) {
    super(`${variable} is no URL with http or https`);
    this.variable = variable;
  }
}

/**
 * The proxy that requests for a URL go through, nothing where they go straight: `http_proxy`, `https_proxy` (or `http_proxy` where there
 * is none) and `no_proxy`, in either case of letters, as curl and Go read them. Throws `NoProxyUrl`.
 */
export function proxyFor(target: string, env: Env): WebProxy | undefined {
  const { protocol, hostname, port } = new URL(target);
  const variable = protocol === 'https:' && value(env, 'https_proxy') ? 'https_proxy' : 'http_proxy';
  const named = value(env, variable);
  if (named === undefined || isLeftOut(hostname, port || (PORTS[protocol] ?? ''), value(env, 'no_proxy') ?? ''))
    return undefined;
  const url = parsed(named);
  if (!url || !/^https?:$/.test(url.protocol)) throw new NoProxyUrl(variable);
  return { url: url.href, name: url.host };
}

/** Passwords in the proxies of the environment, as they stand there and as they are meant. */
export function proxyPasswords(env: Env): readonly string[] {
  return ['http_proxy', 'https_proxy'].flatMap((name) => {
    const named = value(env, name);
    const password = (named && (parsed(named)?.password ?? /:([^:@/]*)@/.exec(named)?.[1])) ?? '';
    return password === '' ? [] : [...new Set([password, decoded(password)])];
  });
}

const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

const value = (env: Env, name: string): string | undefined => env[name] || env[name.toUpperCase()] || undefined;

/** curl and Go take `proxy.example.com:3128` for one with http. */
function parsed(named: string): URL | undefined {
  const text = named.includes('://') ? named : `http://${named}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * `*`, names with all that is below them (`example.com`, `.example.com`, `*.example.com`), addresses, each perhaps with a port, and networks
 * (`10.0.0.0/8`), between commas or spaces.
 */
function isLeftOut(hostname: string, port: string, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && (entry === '*' || isMeant(entry, host, port)));
}

function isMeant(entry: string, host: string, port: string): boolean {
  if (entry.includes('/')) return isWithin(host, entry);
  const { name, only } = entryOf(entry);
  if (only !== undefined && only !== port) return false;
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function entryOf(entry: string): { readonly name: string; readonly only?: string } {
  if (isIP(entry) === 6) return { name: entry };
  const [, name = '', only] = /^(?:\*?\.)?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  return { name: name.replace(/^\[|\]$/g, ''), ...(only === undefined ? {} : { only }) };
}

function isWithin(address: string, network: string): boolean {
  const [first = '', length = ''] = network.split('/');
  const family = isIP(first) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(first) === 0 || isIP(first) !== isIP(address) || !/^\d+$/.test(length)) return false;
  if (Number(length) > (family === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(first, Number(length), family);
  return list.check(address, family);
}
