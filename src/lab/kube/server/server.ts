import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Fields } from '../objects/object.ts';
import type { Registry } from '../objects/registry.ts';
import type { Resource } from '../objects/resource.ts';
import { noSuchPath, unauthorized } from '../objects/status.ts';
import { discoveryDocuments } from './discovery.ts';
import { sendError, sendJson } from './http.ts';
import type { ObjectRequest } from './object-request.ts';
import { OPENAPI_V2, OPENAPI_V2_TYPE, openApiV3 } from './openapi.ts';
import { parsePath } from './path.ts';
import { serveObjects } from './serve-objects.ts';

/** Anyone may ask these, as `system:public-info-viewer` lets them. */
const PUBLIC = new Set(['/healthz', '/livez', '/readyz', '/version']);

export interface ServerOptions {
  readonly registry: Registry;
  readonly resources: readonly Resource[];
  /** What `/version` answers. */
  readonly version: Fields;
  readonly authorized: (request: IncomingMessage) => boolean;
}

/** The API as an HTTP request listener. */
export function requestListener({ registry, resources, version, authorized }: ServerOptions): RequestListener {
  const documents = new Map([...discoveryDocuments(resources, version), ...openApiV3(resources)]);
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (!PUBLIC.has(pathname) && !authorized(request)) throw unauthorized();
    const asked = objectRequest(resources, pathname, searchParams);
    if (asked !== undefined) return serveObjects(registry, asked, request, response);
    if (PUBLIC.has(pathname) && pathname !== '/version') {
      return void response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
    }
    if (pathname === '/openapi/v2') {
      return void response.writeHead(200, { 'content-type': OPENAPI_V2_TYPE }).end(OPENAPI_V2);
    }
    const document = documents.get(pathname.length > 1 ? pathname.replace(/\/$/, '') : pathname);
    if (document === undefined) throw noSuchPath();
    sendJson(response, 200, document);
  };
  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      // What was foreseen is an answer; the rest is a bug that the log should show.
      if (!(error instanceof Error && error.name === 'ApiError')) console.error(error);
      if (response.headersSent) response.destroy();
      else sendError(response, error);
    });
  };
}

/** What a path asks of a kind; nothing when it is a document. @throws ApiError 404 for a kind that is not served */
export function objectRequest(
  resources: readonly Resource[],
  path: string,
  query: URLSearchParams,
): ObjectRequest | undefined {
  const asked = parsePath(path);
  if (asked.what === 'document') return undefined;
  const resource = resources.find(
    ({ group, version, plural }) => group === asked.group && version === asked.version && plural === asked.plural,
  );
  if (resource === undefined || (asked.namespace !== undefined && !resource.namespaced)) throw noSuchPath();
  if (resource.namespaced && asked.namespace === undefined && asked.name !== undefined) throw noSuchPath();
  const { namespace, name, subresource } = asked;
  if (subresource !== undefined && !resource.subresources?.some((served) => served === subresource)) throw noSuchPath();
  return {
    place: { resource, ...(namespace !== undefined && { namespace }) },
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
    query,
  };
}
