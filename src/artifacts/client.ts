import type { Dispatcher } from 'undici';
import { proxyFor, type WebProxy } from '../net/proxies.ts';

/** What a server said. `body` may break off anywhere. */
export interface Reply {
  readonly status: number;
  /** The proxy that it came through, by host and port. */
  readonly proxy: string | undefined;
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Reads no further. */
  discard(): Promise<void>;
}

/** Asks servers, through a proxy where the environment names one. */
export interface Client {
  /** Rejects with a `ProxyFailure` where a proxy is in the way, `NoProxyUrl` where it is none, whatever the network said otherwise. */
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  /** The proxy that a URL is asked through, by host and port. */
  proxyTo(url: string): string | undefined;
  close(): Promise<void>;
}

/** A proxy that lets a request go no further. The message says what it does: `does not answer`. */
export class ProxyFailure extends Error {
  /** Its host and port. */
  readonly proxy: string;
  /** What it answered; nothing where it did not. */
  readonly status: number | undefined;

  constructor(proxy: string, status: number | undefined, cause: unknown) {
    super(status === undefined ? 'does not answer' : `answers ${status}`, { cause });
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
  return {
    get: async (url, headers = {}) => {
      signal.throwIfAborted();
      loaded ??= import('undici');
      const undici = await loaded;
      const proxy = proxyFor(url, env);
      const dispatcher = dispatcherOf(undici, proxy);
      // what is packed on the way would be unpacked here, and have another digest
      const asked = { dispatcher, signal, headers: { 'accept-encoding': 'identity', ...headers } };
      const answer = await undici.fetch(url, asked).catch((cause: unknown) => {
        throw (!signal.aborted && proxy && proxyFailure(proxy, cause)) || cause;
      });
      const { body } = answer;
      return {
        status: answer.status,
        proxy: proxy?.name,
        header: (name) => answer.headers.get(name) ?? undefined,
        body: body ?? nothing(),
        discard: async () => body?.cancel().catch(() => {}),
      };
    },
    proxyTo: (url) => proxyFor(url, env)?.name,
    close: async () => {
      await Promise.all([...dispatchers.values()].map((each) => each.destroy()));
    },
  };
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

function proxyFailure({ name }: WebProxy, error: unknown): ProxyFailure | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const status = REFUSED.exec(cause.message)?.[1];
    if (status !== undefined) return new ProxyFailure(name, Number(status), error);
    if ('code' in cause && UNREACHED.has(String(cause.code))) return new ProxyFailure(name, undefined, error);
  }
  return undefined;
}

async function* nothing(): AsyncIterable<Uint8Array> {}
