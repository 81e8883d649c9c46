import type { Dispatcher } from 'undici';

/** What a server said. `body` may break off anywhere. */
export interface Reply {
  readonly status: number;
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Reads no further. */
  discard(): Promise<void>;
}

/** Asks servers, through a proxy where the environment names one. */
export interface Client {
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Milliseconds without a byte after which a server counts as silent. */
  readonly patience?: number;
}

/**
 * A client that keeps to `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in either case of letters: node's own fetch knows nothing of them.
 * Loaded when it is first used.
 */
export function openClient({ env, signal, patience = 30_000 }: ClientOptions): Client {
  let loaded: Promise<{ readonly fetch: typeof import('undici').fetch; readonly dispatcher: Dispatcher }> | undefined;
  const load = async () => {
    const { EnvHttpProxyAgent, fetch } = await import('undici');
    const proxy = (name: string) => env[name.toLowerCase()] || env[name.toUpperCase()] || '';
    const dispatcher = new EnvHttpProxyAgent({
      httpProxy: proxy('http_proxy'),
      httpsProxy: proxy('https_proxy') || proxy('http_proxy'),
      noProxy: proxy('no_proxy'),
      // plain http goes to a proxy as a request, as curl does it: many tunnel only to port 443
      proxyTunnel: false,
      connect: { timeout: Math.min(patience, 10_000) },
      headersTimeout: patience,
      bodyTimeout: patience,
    });
    return { fetch, dispatcher };
  };
  return {
    get: async (url, headers = {}) => {
      signal.throwIfAborted();
      loaded ??= load();
      const { fetch, dispatcher } = await loaded;
      // what is packed on the way would be unpacked here, and have another digest
      const answer = await fetch(url, { dispatcher, signal, headers: { 'accept-encoding': 'identity', ...headers } });
      const { body } = answer;
      return {
        status: answer.status,
        header: (name) => answer.headers.get(name) ?? undefined,
        body: body ?? nothing(),
        discard: async () => body?.cancel().catch(() => {}),
      };
    },
    close: async () => {
      if (loaded) await (await loaded).dispatcher.destroy();
    },
  };
}

async function* nothing(): AsyncIterable<Uint8Array> {}
