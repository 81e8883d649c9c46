import type { Dispatcher } from 'undici';
import { proxyFor, type WebProxy } from '../net/proxies.ts';

/** What a server said. `body` may break off anywhere. */
export interface Reply {
  /** Who said it: where the redirects lead. */
  readonly url: string;
  readonly status: number;
  /** The proxy that it came through, by host and port. */
  readonly proxy: string | undefined;
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Reads no further. */
  discard(): Promise<void>;
}

/** Asks servers, through a proxy where the environment names one, and goes where they redirect to. */
export interface Client {
  /** Rejects with a `ProxyFailure` where a proxy is in the way, `NoProxyUrl` where it is none, `NoReply` otherwise. */
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  close(): Promise<void>;
}

/** A server that could not be asked, or did not answer. The cause is what the network said. */
export class NoReply extends Error {
  /** What it was asked: perhaps not the first URL, but one that a redirect led to. */
  readonly url: string;
  /** The proxy on the way to it, by host and port. */
  readonly proxy: string | undefined;

  constructor(url: string, proxy: string | undefined, cause: unknown) {
    super('does not answer', { cause });
    this.url = url;
    this.proxy = proxy;
  }
}

/** A proxy that lets a request go no further. The message says what it does: `does not answer`. */
export class ProxyFailure extends Error {
  /** What it was asked for. */
  readonly url: string;
  /** Its host and port. */
  readonly proxy: string;
  /** What it answered; nothing where it did not. */
  readonly status: number | undefined;

  constructor(url: string, proxy: string, status: number | undefined, cause: unknown) {
    super(status === undefined ? 'does not answer' : `answers ${status}`, { cause });
    this.url = url;
    this.proxy = proxy;
    this.status = status;
  }
}

export interface ClientOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Milliseconds without a byte after which a server counts as silent. */
  readonly patience?: number;
}

/**
 * A client that keeps to the proxies of the environment: node's own fetch knows nothing of them, and undici's agent for them no networks
 * in `no_proxy`. Loaded when it is first used.
 */
export function openClient({ env, signal, patience = 30_000 }: ClientOptions): Client {
  let loaded: Promise<typeof import('undici')> | undefined;
  /** By the URL of the proxy. */
  const dispatchers = new Map<string, Dispatcher>();
  const limits = { headersTimeout: patience, bodyTimeout: patience };
  const tls = { timeout: Math.min(patience, 10_000) };

  const dispatcherOf = (
    { Agent, Pool, ProxyAgent }: typeof import('undici'),
    proxy: WebProxy | undefined,
  ): Dispatcher => {
    const before = dispatchers.get(proxy?.url ?? '');
    if (before) return before;
    const patient = (origin: string | URL, options: object) => new Pool(origin, { ...options, ...limits });
    const made =
      proxy === undefined
        ? new Agent({ ...limits, connect: tls })
        : new ProxyAgent({
            uri: proxy.url,
            // plain http goes to a proxy as a request, as curl does it: many tunnel only to port 443
            proxyTunnel: false,
            ...limits,
            proxyTls: tls,
            requestTls: tls,
            factory: patient,
            clientFactory: patient,
          });
    dispatchers.set(proxy?.url ?? '', made);
    return made;
  };
  /** Asks one server, and follows no redirect. */
  const ask = async (url: string, headers: Readonly<Record<string, string>>): Promise<Reply> => {
    loaded ??= import('undici');
    const undici = await loaded;
    const proxy = proxyFor(url, env);
    const dispatcher = dispatcherOf(undici, proxy);
    // what is packed on the way would be unpacked here, and have another digest
    const sent = { 'accept-encoding': 'identity', ...headers };
    const answer = await undici
      .fetch(url, { dispatcher, signal, redirect: 'manual', headers: sent })
      .catch((cause: unknown) => {
        signal.throwIfAborted();
        throw (proxy && proxyFailure(url, proxy, cause)) || new NoReply(url, proxy?.name, cause);
      });
    const { body } = answer;
    return {
      url,
      status: answer.status,
      proxy: proxy?.name,
      header: (name) => answer.headers.get(name) ?? undefined,
      body: body ?? nothing(),
      discard: async () => body?.cancel().catch(() => {}),
    };
  };
  return {
    get: async (url, headers = {}) => {
      signal.throwIfAborted();
      let reply = await ask(url, headers);
      for (let hops = 0; REDIRECTS.has(reply.status) && reply.header('location') !== undefined; hops++) {
        await reply.discard();
        const next = hops < MOST_HOPS ? nextOf(reply) : undefined;
        if (next === undefined) throw new NoReply(reply.url, reply.proxy, new Error('its redirects lead nowhere'));
        // not left to fetch: each host that a redirect leads to has a proxy of its own, or none
        reply = await ask(next, headers);
      }
      return reply;
    },
    close: async () => {
      await Promise.all([...dispatchers.values()].map((each) => each.destroy()));
    },
  };
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** As many as fetch follows. */
const MOST_HOPS = 20;

/** Where a redirect leads to; nothing where nobody can be asked for it. */
function nextOf({ url, header }: Reply): string | undefined {
  const location = header('location') ?? '';
  const next = URL.canParse(location, url) ? new URL(location, url) : undefined;
  return next && /^https?:$/.test(next.protocol) ? next.href : undefined;
}

/** Only the proxy is connected to. What it refuses undici tells with the status in words alone: of a tunnel, of a request. */
const REFUSED = /^Proxy (?:response|Authentication Required) \((\d+)\)/;
const UNREACHED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function proxyFailure(url: string, { name }: WebProxy, error: unknown): ProxyFailure | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const status = REFUSED.exec(cause.message)?.[1];
    if (status !== undefined) return new ProxyFailure(url, name, Number(status), error);
    if ('code' in cause && UNREACHED.has(String(cause.code))) return new ProxyFailure(url, name, undefined, error);
  }
  return undefined;
}

async function* nothing(): AsyncIterable<Uint8Array> {}
