import type { IncomingMessage, ServerResponse } from 'node:http';
import { load } from 'js-yaml';
import { ApiError, badRequest, statusObject } from '../objects/status.ts';

export function sendJson(response: ServerResponse, code: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
}

export function sendError(response: ServerResponse, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  const bug = { code: 500, reason: 'InternalError', message: `Internal error occurred: ${text}` };
  const status = error instanceof ApiError ? error.status : bug;
  sendJson(response, status.code, statusObject(status));
}

/** The body as JSON, or as YAML where that was sent. Nothing when it is empty. @throws ApiError 400 */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  if (text === '') return undefined;
  try {
    return mediaType(request).endsWith('yaml') ? load(text) : JSON.parse(text);
  } catch (cause) {
    throw badRequest(`error decoding the body: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

export const mediaType = ({ headers }: IncomingMessage) => headers['content-type']?.split(';')[0]?.trim() ?? '';
