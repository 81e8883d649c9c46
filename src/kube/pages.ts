import { z } from 'zod';
import type { Reader } from '../core/context.ts';
import type { KubeAccess } from './access.ts';
import { askJson, KubeObject } from './kubectl.ts';

/** An object of a list of one kind, which does not say of each what it is. */
export const Listed = KubeObject.extend({ apiVersion: z.string().default(''), kind: z.string().default('object') });

const List = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(Listed),
});

export interface Page {
  /** Of the whole list: a watch may go on from here. */
  readonly version: string;
  readonly items: readonly z.infer<typeof Listed>[];
}

/** Objects that a list asks for in one answer: some megabytes of the largest kind. */
const PAGE = 500;

/**
 * All objects of a kind, page by page, as the API serves them at `path`: `/api/v1/pods`. Of a kind that a large cluster has a hundred
 * thousand of nobody can hold, or print, all at once.
 */
export async function* pagesOf(ctx: Reader, access: KubeAccess, path: string): AsyncGenerator<Page> {
  for (let token: string | undefined; ; ) {
    const query = new URLSearchParams({ limit: `${PAGE}`, ...(token ? { continue: token } : {}) });
    const { metadata, items } = await askJson(ctx, access, List, 'get', '--raw', `${path}?${query}`);
    yield { version: metadata.resourceVersion, items };
    token = metadata.continue;
    if (!token) return;
  }
}
