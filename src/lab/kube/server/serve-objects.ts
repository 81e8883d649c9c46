import type { IncomingMessage, ServerResponse } from 'node:http';
import { asDraft } from '../objects/drafts.ts';
import { at, isFields, type KubeObject } from '../objects/object.ts';
import type { Place, Registry } from '../objects/registry.ts';
import { fieldSelector, labelSelector, type Matcher } from '../objects/selectors.ts';
import { badRequest, expired, methodNotAllowed } from '../objects/status.ts';
import { mediaType, readBody, sendJson } from './http.ts';
import type { ObjectRequest } from './object-request.ts';
import { objectList, table, wantsTable } from './table.ts';
import { streamWatch } from './watch.ts';

/** Answers it. @throws ApiError for what it refuses */
export async function serveObjects(
  registry: Registry,
  asked: ObjectRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { place, name, subresource, query } = asked;
  const asTable = wantsTable(request.headers.accept ?? '');
  const includeObject = query.get('includeObject') ?? 'Metadata';
  const show = (code: number, object: KubeObject) => {
    const { resourceVersion } = object.metadata;
    sendJson(response, code, asTable ? table(place.resource, [object], { resourceVersion }, includeObject) : object);
  };
  if (subresource === 'exec') throw badRequest('Upgrade request required');
  if (name === undefined) return serveCollection(registry, asked, request, response, show);
  switch (request.method) {
    case 'GET':
      return show(200, registry.get(place, name));
    case 'PUT': {
      const draft = asDraft(place.resource, await checkedBody(asked, request, response));
      return show(200, registry.update(place, name, draft, subresource));
    }
    case 'PATCH': {
      const inspect = (patched: unknown) => inspectFields(asked, patched, response);
      const patch = { type: mediaType(request), body: await readBody(request), inspect };
      return show(200, registry.patch(place, name, { ...patch, ...(subresource && { subresource }) }));
    }
    case 'DELETE': {
      const preconditions = at(await readBody(request), 'preconditions') ?? {};
      const { uid } = registry.remove(place, name, preconditions).metadata;
      const { group, plural } = place.resource;
      const details = { name, group, kind: plural, uid };
      return sendJson(response, 200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
    }
    default:
      throw methodNotAllowed();
  }
}

async function serveCollection(
  registry: Registry,
  asked: ObjectRequest,
  request: IncomingMessage,
  response: ServerResponse,
  show: (code: number, object: KubeObject) => void,
): Promise<void> {
  const { place, query } = asked;
  const matches = both(labelSelector(query.get('labelSelector')), fieldSelector(query.get('fieldSelector')));
  switch (request.method) {
    case 'GET':
      if (['true', '1'].includes(query.get('watch') ?? ''))
        return streamWatch(registry, asked, matches, request, response);
      return sendList(registry, asked, matches, request, response);
    case 'POST':
      return show(201, registry.create(place, asDraft(place.resource, await checkedBody(asked, request, response))));
    case 'DELETE': {
      await readBody(request);
      const removed = registry.list(place, matches);
      for (const { metadata } of removed) registry.remove(inNamespace(place, metadata.namespace), metadata.name);
      return sendJson(
        response,
        200,
        objectList(place.resource, removed, { resourceVersion: String(registry.revision()) }),
      );
    }
    default:
      throw methodNotAllowed();
  }
}

function sendList(
  registry: Registry,
  { place, query }: ObjectRequest,
  matches: Matcher,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const all = registry.list(place, matches);
  const { items, metadata } = page(all, registry.revision(), query);
  const asTable = wantsTable(request.headers.accept ?? '');
  const includeObject = query.get('includeObject') ?? 'Metadata';
  sendJson(
    response,
    200,
    asTable ? table(place.resource, items, metadata, includeObject) : objectList(place.resource, items, metadata),
  );
}

/** One page of a list. A page that was begun before somebody changed something is expired: the list begins anew. */
function page(all: readonly KubeObject[], revision: number, query: URLSearchParams) {
  const limit = Number(query.get('limit') ?? 0);
  const token = query.get('continue');
  const [begun = revision, start = 0] = token ? Buffer.from(token, 'base64').toString().split(':').map(Number) : [];
  if (begun !== revision) throw expired(begun, revision);
  const end = limit > 0 ? start + limit : all.length;
  const rest = all.length - end;
  const more = rest > 0 && {
    continue: Buffer.from(`${revision}:${end}`).toString('base64'),
    remainingItemCount: rest,
  };
  return { items: all.slice(start, end), metadata: { resourceVersion: String(revision), ...more } };
}

async function checkedBody(asked: ObjectRequest, request: IncomingMessage, response: ServerResponse) {
  const body = await readBody(request);
  inspectFields(asked, body, response);
  return body;
}

/** Refuses fields that the kind does not have, or points them out, as `fieldValidation` asks. They are dropped in any case. */
function inspectFields({ place, query }: ObjectRequest, body: unknown, response: ServerResponse): void {
  const mode = query.get('fieldValidation') ?? 'Warn';
  const unknown = isFields(body) ? (place.resource.unknownFields?.(body as KubeObject) ?? []) : [];
  const texts = unknown.map((path) => `unknown field "${path}"`);
  if (mode === 'Strict' && texts.length > 0) {
    const { kind, version } = place.resource;
    throw badRequest(
      `${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${texts.join(', ')}`,
    );
  }
  if (mode === 'Warn' && texts.length > 0) {
    const warnings = texts.map((text) => `299 - "${text.replaceAll('"', '\\"')}"`);
    response.setHeader('warning', warnings);
  }
}

const both =
  (a: Matcher, b: Matcher): Matcher =>
  (object) =>
    a(object) && b(object);

const inNamespace = ({ resource }: Place, namespace: string | undefined): Place =>
  namespace === undefined ? { resource } : { resource, namespace };
