import type { BgpRoutesDocument } from '../core/documents.ts';
import { table } from './columns.ts';
import { type Renderer, renderer } from './renderer.ts';

/** Pod blocks at the routers, by which way. */
export const bgpRoutesText: Renderer<BgpRoutesDocument> = renderer(({ blocks }, view) => {
  if (blocks.length === 0) return ['No pod blocks.'];
  const { style } = view;
  const rows = blocks.map(({ prefix, node, router, nextHop, installed, trouble }) => [
    prefix,
    node ?? '-',
    router,
    nextHop ?? '-',
    installed ?? '-',
    trouble ? style.wrong(trouble) : '',
  ]);
  return table(['PREFIX', 'NODE', 'ROUTER', 'NEXT HOP', 'FORWARDED BY', ''], rows, view);
});
