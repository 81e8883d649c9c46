import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest, Agent as TlsAgent } from 'node:https';
import type { Draft, KubeObject } from './objects/object.ts';

/** A client of the API server, for the lab's own controllers. Paths are those of the API: `/api/v1/nodes`. */
export interface Client {
  list(path: string): Promise<{ readonly items: readonly KubeObject[]; readonly resourceVersion: string }>;
  /** Nothing when there is no such object. */
  get(path: string): Promise<KubeObject | undefined>;
  /** Nothing when it exists already. */
  create(path: string, object: Draft): Promise<KubeObject | undefined>;
  /** Merge patch. Nothing when there is no such object. */
  patch(path: string, patch: unknown): Promise<KubeObject | undefined>;
  /** Puts a changed object. Nothing when somebody else was faster, or it is gone. */
  update(path: string, object: KubeObject): Promise<KubeObject | undefined>;
  delete(path: string): Promise<void>;
  /** Calls back for each line of a watch; resolves when the server ends it. */
  watch(path: string, signal: AbortSignal, onEvent: (event: WireEvent) => void): Promise<void>;
}

export interface WireEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

/** Where the API server is: its socket inside the lab, or its address with what a kubeconfig says of it. */
export type Target =
  | { readonly socketPath: string }
  | {
      readonly url: string;
      readonly ca?: string;
      readonly token?: string;
      /** A client's own certificate and key, as administrators have them. */
      readonly cert?: string;
      readonly key?: string;
    };

/** An answer of the API server that says no. */
export class Refusal extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export function connect(target: Target): Client {
  const send = sender(target);
  /** @returns the answer, or nothing when its status is one of `missing` */
  const call = async (method: Method, path: string, missing: readonly number[], body?: unknown) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const text = body === undefined ? undefined : JSON.stringify(body);
    const response = await send({ method, path, headers: { 'content-type': type } }, text);
    const answer = JSON.parse(await readAll(response)) as KubeObject;
    const status = response.statusCode ?? 0;
    if (missing.includes(status)) return undefined;
    if (status >= 400) throw new Refusal(status, String(answer['message']));
    return answer;
  };
  return {
    async list(path) {
      const list = await call('GET', path, []);
      const items = (list?.['items'] ?? []) as readonly KubeObject[];
      return { items, resourceVersion: list?.metadata.resourceVersion ?? '0' };
    },
    get: (path) => call('GET', path, [404]),
    create: (path, object) => call('POST', path, [409], object),
    patch: (path, patch) => call('PATCH', path, [404], patch),
    update: (path, object) => call('PUT', path, [404, 409], object),
    delete: (path) => call('DELETE', path, [404]).then(() => undefined),
    async watch(path, signal, onEvent) {
      const response = await send({ method: 'GET', path, signal });
      let rest = '';
      for await (const chunk of response) {
        const lines = (rest + (chunk as Buffer).toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onEvent(JSON.parse(line) as WireEvent);
      }
    },
  };
}

type Send = (options: RequestOptions, body?: string) => Promise<IncomingMessage>;

function sender(target: Target): Send {
  const inside = 'socketPath' in target;
  const pool = { keepAlive: true, maxSockets: 64 };
  const agent = inside ? new Agent(pool) : new TlsAgent(pool);
  const where = inside ? { socketPath: target.socketPath } : urlOptions(target);
  const headers = inside || target.token === undefined ? {} : { authorization: `Bearer ${target.token}` };
  const request = inside ? httpRequest : httpsRequest;
  return (options, body) =>
    new Promise((resolve, reject) => {
      request({ ...where, agent, ...options, headers: { ...headers, ...options.headers } }, resolve)
        .on('error', reject)
        .end(body);
    });
}

function urlOptions({ url, ca, cert, key }: Exclude<Target, { readonly socketPath: string }>) {
  const { hostname, port } = new URL(url);
  return {
    host: hostname,
    port: port === '' ? 443 : Number(port),
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
  };
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
