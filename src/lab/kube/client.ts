import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { CpaasError } from '../../core/errors.ts';
import type { Draft, KubeObject } from './object.ts';

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

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** @param socketPath `layout.apiSocket`: plain HTTP, no questions asked */
export function connect(socketPath: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  /** @returns the answer, or nothing when its status is one of `missing` */
  const call = async (method: Method, path: string, missing: readonly number[], body?: unknown) => {
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const options = { socketPath, agent, method, path, headers: { 'content-type': contentType } };
    const response = await send(options, body === undefined ? undefined : JSON.stringify(body));
    const text = await readAll(response);
    const status = response.statusCode ?? 0;
    if (missing.includes(status)) return undefined;
    if (status >= 400) {
      throw new CpaasError('LAB.API', `the lab's API server refused ${method} ${path}`, {
        evidence: [{ label: String(status), text }],
      });
    }
    return JSON.parse(text) as KubeObject;
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
      const response = await send({ socketPath, agent: false, method: 'GET', path, signal });
      let rest = '';
      for await (const chunk of response) {
        const lines = (rest + (chunk as Buffer).toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onEvent(JSON.parse(line) as WireEvent);
      }
    },
  };
}

function send(options: RequestOptions, body?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    httpRequest(options, resolve).on('error', reject).end(body);
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
