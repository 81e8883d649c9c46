import type { SessionStatus } from '../../core/bgp-documents.ts';
import { oneLine } from '../text/harmless.ts';
import { type Renderer, renderer } from '../text/renderer.ts';
import type { GraphDocument } from './graph.ts';

/**
 * The same topology as a Mermaid flowchart, for a page or a merge request: a line between two is the session, dashed where it is not
 * Established, or the machine between.
 */
export const graphMermaid: Renderer<GraphDocument> = renderer(({ routers, gateway, nodes, sessions }) => {
  const router = (at: number) => `router${at}`;
  const node = (at: number) => `node${at}`;
  return [
    'flowchart TD',
    ...routers.map(({ name, address, asNumber }, at) => box(router(at), [name, address, `AS ${asNumber}`])),
    ...(gateway ? [box('gateway', [gateway.name, gateway.address])] : []),
    ...nodes.map(({ name, address, blocks }, at) => box(node(at), [name, address ?? '', ...blocks])),
    ...(gateway ? routers.map((_, at) => `  ${router(at)} --- gateway`) : []),
    ...(gateway ? nodes.map((_, at) => `  gateway --- ${node(at)}`) : []),
    ...routers.flatMap((each, from) =>
      nodes.map(({ name }, to) => {
        const session = sessions.find((one) => one.node === name && one.router === each.name);
        return `  ${router(from)} ${arrow(session)} ${node(to)}`;
      }),
    ),
  ];
});

const box = (id: string, lines: readonly string[]): string =>
  `  ${id}["${lines.filter(Boolean).map(label).join('<br>')}"]`;

/** Text of a label: quotes, brackets and backticks have a meaning there. */
const label = (text: string): string => oneLine(text).replaceAll(/[^\w .:/-]/gu, (sign) => `#${sign.codePointAt(0)};`);

function arrow(session: SessionStatus | undefined): string {
  if (session?.agree) return '<-->|Established|';
  const { atNode, atRouter } = session ?? {};
  const worse = atRouter?.state === 'Established' ? atNode : atRouter;
  return `<-.->|${label(worse?.state || (session ? 'unknown' : 'no session'))}|`;
}
