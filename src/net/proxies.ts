import { BlockList, isIP } from 'node:net';

type Env = Readonly<Record<string, string | undefined>>;

/** A proxy that the environment names. */
export interface WebProxy {
  /** With user and password, where it has them. */
  readonly url: string;
  /** `proxy.example.com:3128`, for messages. */
  readonly name: string;
}

/** A variable whose value is no proxy. Nothing of the value is told: it may hold a password. */
export class NoProxyUrl extends Error {
  readonly variable: string;
  /** How to write it instead. */
  readonly advice: string;

  constructor(variable: string, fault: Fault) {
    super(`${variable} ${FAULTS[fault].is}`);
    this.variable = variable;
    this.advice = FAULTS[fault].advice;
  }
}

type Fault = keyof typeof FAULTS;
const FAULTS = {
  scheme: { is: 'is no URL with http or https', advice: 'write it as http://proxy.example.com:3128' },
  percent: {
    is: 'has a % in its user or password that stands for no other character',
    advice: 'in a user or password % is written %25',
  },
  path: {
    is: 'goes on after the host and port of a proxy',
    advice: 'nothing follows the port; in a user or password / is written %2F, ? %3F, # %23 and @ %40',
  },
} as const;

/**
 * The proxy that requests for a URL go through, nothing where they go straight: `http_proxy`, `https_proxy` and `no_proxy`, in either case
 * of letters, as Go reads them, except that https goes through `http_proxy` where there is no other, as with apt. `ALL_PROXY` is not read.
 * Throws `NoProxyUrl`.
 */
export function proxyFor(target: string, env: Env): WebProxy | undefined {
  const { protocol, hostname, port } = new URL(target);
  const variable = protocol === 'https:' && value(env, 'https_proxy') ? 'https_proxy' : 'http_proxy';
  const named = value(env, variable);
  if (named === undefined || isLeftOut(hostname, port || (PORTS[protocol] ?? ''), value(env, 'no_proxy') ?? ''))
    return undefined;
  const url = parsed(named);
  const fault = faultOf(named, url);
  if (!url || fault) throw new NoProxyUrl(variable, fault ?? 'scheme');
  return { url: url.href, name: url.host };
}

/** Passwords in the proxies of the environment, as they stand there and as they are meant; of a value that is no proxy, whatever may be one. */
export function proxyPasswords(env: Env): readonly string[] {
  const passwords = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'].flatMap((name) => {
    const named = env[name] ?? '';
    const written = [parsed(named)?.password, PASSWORD.exec(named)?.[1]];
    return written.flatMap((each) => (each ? [each, decoding(each) ?? each] : []));
  });
  return [...new Set(passwords)];
}

/** A `/` of a password ends the host for a parser of URLs: what is left of the password would be taken for a port, or a path. */
function faultOf(named: string, url: URL | undefined): Fault | undefined {
  if (/[/?#\\].*@/s.test(named.replace(SCHEME, ''))) return 'path';
  if (!url || !/^https?:$/.test(url.protocol)) return 'scheme';
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return 'path';
  return [url.username, url.password].some((each) => decoding(each) === undefined) ? 'percent' : undefined;
}

const SCHEME = /^[a-z][a-z\d+.-]*:\/\//i;
/** From the first `:` after the scheme to the last `@`: whatever is written in between, a host and port among it at worst. */
const PASSWORD = /^(?:[a-z][a-z\d+.-]*:\/\/)?[^:]*:(.*)@/is;

const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

const value = (env: Env, name: string): string | undefined => env[name] || env[name.toUpperCase()] || undefined;

/** curl and Go take `proxy.example.com:3128` for one with http. */
function parsed(named: string): URL | undefined {
  const text = SCHEME.test(named) ? named : `http://${named}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Nothing where a `%` begins no character of UTF-8. */
function decoding(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
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
