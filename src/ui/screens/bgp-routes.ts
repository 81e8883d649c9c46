import type { BgpRoutesDocument, ForwardedBy } from '../../core/bgp-documents.ts';
import { table } from '../text/columns.ts';
import { type Renderer, renderer } from '../text/renderer.ts';
import { count } from '../text/words.ts';

/** Pod blocks at the routers: whose they are, in the BGP table, in the routing table, through what. */
export const bgpRoutesText: Renderer<BgpRoutesDocument> = renderer(({ blocks }, view) => {
  if (blocks.length === 0) return ['No pod blocks.'];
  const { style } = view;
  const wrong = blocks.filter(({ trouble }) => trouble).length;
  const rows = blocks.map(({ prefix, node, borrowed, router, nextHop, stale, installed, trouble }) => [
    prefix || '-',
    [node ?? '-', ...(borrowed ? ['(borrowed)'] : [])].join(' '),
    router,
    [nextHop ?? '-', ...(stale ? ['stale'] : [])].join(' '),
    installed ? forwarded(installed, nextHop) : '-',
    ...(wrong > 0 ? [trouble ? style.wrong(trouble) : ''] : []),
  ]);
  const heading = ['PREFIX', 'NODE', 'ROUTER', 'IN BGP', 'FORWARDED BY', ...(wrong > 0 ? [''] : [])];
  const lines = table(heading, rows, view);
  return wrong === 0
    ? lines
    : [...lines, '', `  ${style.wrong('✖')} ${wrong} of ${count(blocks.length, 'route')} not as it should be.`];
});

/**
 * `10.10.2.10 (K 172.19.0.0/16)`: who is sent to, by the route that leads to the next hop; that one stands before where BGP has another.
 * `10.1.20.21 on internal`.
 */
function forwarded({ nextHop, vlan, through }: ForwardedBy, inBgp: string | undefined): string {
  const on = vlan ?? through?.vlan;
  if (through?.nextHop !== undefined)
    return `${nextHop === inBgp ? '' : `${nextHop} through `}${through.nextHop} (${through.code} ${through.prefix})`;
  return [nextHop ?? 'nowhere', ...(on === undefined ? [] : ['on', on])].join(' ');
}
