import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry, WatchEvent } from '../objects/registry.ts';
import type { Matcher } from '../objects/selectors.ts';
import { ApiError, statusObject } from '../objects/status.ts';
import type { ObjectRequest } from './object-request.ts';
import { table, wantsTable } from './table.ts';

/** Streams changes as one JSON document a line until the client goes or its `timeoutSeconds` are over. */
export function streamWatch(
  registry: Registry,
  { place, query }: ObjectRequest,
  matches: Matcher,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const asTable = wantsTable(request.headers.accept ?? '');
  const includeObject = query.get('includeObject') ?? 'Metadata';
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const send = (type: string, object: unknown) => response.write(`${JSON.stringify({ type, object })}\n`);
  const show = ({ type, object }: WatchEvent) => {
    const { resourceVersion } = object.metadata;
    send(type, asTable ? table(place.resource, [object], { resourceVersion }, includeObject) : object);
  };
  const asked = Number(query.get('resourceVersion') ?? 0);
  let stop: () => void;
  try {
    const since = asked === 0 ? registry.revision() : asked;
    if (asked === 0) for (const object of registry.list(place, matches)) show({ type: 'ADDED', object });
    stop = registry.watch(place, since, matches, show);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    send('ERROR', statusObject(error.status));
    response.end();
    return;
  }
  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  const deadline = seconds > 0 ? setTimeout(() => response.end(), seconds * 1000) : undefined;
  response.once('close', () => {
    clearTimeout(deadline);
    stop();
  });
}
