import type { SessionStatus } from '../../core/bgp-documents.ts';
import type { NodeStatus } from '../../core/documents.ts';
import { pad, widest } from '../text/columns.ts';
import { type Renderer, renderer, type View } from '../text/renderer.ts';
import { count } from '../text/words.ts';

/** What `cpaas graph` draws: a status with where things stand. */
export interface GraphDocument {
  readonly cluster: string;
  readonly routers: readonly { readonly name: string; readonly address: string; readonly asNumber: number }[];
  /** The machine between the routers and the nodes; none where they share a LAN. */
  readonly gateway?: { readonly name: string; readonly address: string };
  readonly nodes: readonly NodeStatus[];
  readonly sessions: readonly SessionStatus[];
}

/** Routers above, the machine between, the nodes below with their blocks, pods and sessions. */
export const graphText: Renderer<GraphDocument> = renderer(({ routers, gateway, nodes, sessions }, view) => {
  const top = routers.map(({ name, address, asNumber }) => `${view.style.strong(name)} ${address}  AS ${asNumber}`);
  const between = gateway ? [`└─ ${view.style.strong(gateway.name)} ${gateway.address}`] : [];
  const margin = gateway ? '   ' : '';
  const rows = nodes.map((node) => columnsOf(node, routers, sessions, view));
  const widths = [0, 1, 2, 3].map((at) => widest(rows.map((row) => row[at] ?? '')));
  const branches = rows.map((row, at) => {
    const branch = at === rows.length - 1 ? '└─' : '├─';
    const cells = row.map((cell, column) => pad(cell, widths[column] ?? 0));
    return `${margin}${branch} ${cells.join('  ')}`;
  });
  return [...top, ...between, ...(branches.length > 0 ? branches : [`${margin}└─ no nodes known yet`])];
});

function columnsOf(
  { name, address, blocks, pods }: NodeStatus,
  routers: GraphDocument['routers'],
  sessions: readonly SessionStatus[],
  view: View,
): readonly string[] {
  const states = routers.map((router) => {
    const session = sessions.find((each) => each.node === name && each.router === router.name);
    return stateOf(session, routers.length > 1 ? router.name : undefined, view);
  });
  return [
    name,
    address ?? '–',
    blocks.join(' ') || '–',
    blocks.length > 0 ? count(pods, 'pod') : '',
    states.join('  '),
  ];
}

/** `● Established`; with several routers `● bigip1`, since each is named and a full circle says the rest. */
function stateOf(session: SessionStatus | undefined, router: string | undefined, { style }: View): string {
  const named = (sign: string, text: string) => [sign, router, text].filter(Boolean).join(' ');
  if (session === undefined) return named(style.dim('○'), 'no session');
  if (session.agree) return named(style.done('●'), router ? '' : 'Established');
  const { atNode, atRouter } = session;
  const worse = atRouter.state === 'Established' ? atNode : atRouter;
  const time = 'uptime' in worse ? worse.uptime : undefined;
  return named(style.wrong('○'), [worse.state || 'unknown', time].filter(Boolean).join(' '));
}
