import type { SessionStatus } from '../../core/bgp-documents.ts';
import type { NodeStatus, StatusDocument } from '../../core/documents.ts';
import { table, wrap } from '../text/columns.ts';
import { type Renderer, renderer, type View } from '../text/renderer.ts';
import { count } from '../text/words.ts';
import { sessionSummary, stateWord } from './bgp-status.ts';
import { type Heading, headingLines } from './heading.ts';
import { leftOutLines } from './left-out.ts';
import { planLines, sections } from './plan-rows.ts';

/** More nodes than this, and only those in trouble have a line each. */
const NODES = 24;
/** More routers than this have no column each. */
const ROUTERS = 2;

export interface StatusScreen {
  readonly status: StatusDocument;
  readonly heading: Heading;
}

/** What exists now, on one screen: nodes and their sessions, routes, and what is not as the file says. */
export const statusText: Renderer<StatusScreen> = renderer(({ status, heading }, view) => {
  const seen = status.nodes.length > 0 ? { nodes: status.nodes.length } : {};
  const blocks = [
    headingLines({ ...seen, ...heading }, view),
    [...nodeLines(status, view), ...leftOutLines(status.leftOut, view)],
    [...sessionLines(status.sessions, view), ...routeLines(status, view)],
    planLines(sections(status.phases, view.verbose), view),
    verdict(status, view),
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block, at) => (at > 0 ? ['', ...block] : block));
});

function nodeLines({ nodes, sessions }: StatusDocument, view: View): readonly string[] {
  if (nodes.length === 0) return [view.style.dim('  no nodes known yet')];
  const routers = [...new Set(sessions.map(({ router }) => router))];
  const columns = routers.length <= ROUTERS ? routers : [];
  const troubled = new Set(sessions.flatMap(({ node, agree }) => (agree ? [] : [node])));
  const sound = ({ name, ready }: NodeStatus) => ready && !troubled.has(name);
  const shown = nodes.length > NODES && !view.verbose ? nodes.filter((node) => !sound(node)) : nodes;
  const rows = shown.map((node) => [
    node.name,
    node.address ?? '-',
    node.ready ? view.style.done('Ready') : view.style.wrong('NotReady'),
    String(node.pods),
    ...columns.map((router) => sessionCell(node, router, sessions, view)),
    node.blocks.join(', ') || '–',
  ]);
  const heading = ['NODE', 'ADDRESS', 'STATE', 'PODS', ...columns.map((router) => `BGP ${router}`), 'POD BLOCKS'];
  const rest = nodes.length - shown.length;
  return [
    ...(rows.length > 0 ? table(heading, rows, { ...view, indent: 2 }) : []),
    ...(rest > 0 ? [view.style.dim(`  ${count(rest, 'node')} Ready, all sessions Established (-v shows them)`)] : []),
  ];
}

function sessionCell(node: NodeStatus, router: string, sessions: readonly SessionStatus[], { style }: View): string {
  const session = sessions.find((each) => each.node === node.name && each.router === router);
  if (session === undefined) return style.dim('–');
  const { agree, atNode, atRouter } = session;
  if (agree || atNode.state === atRouter.state) return stateWord(atRouter.state, style);
  return style.wrong(`${atNode.state || '-'}/${atRouter.state || '-'}`);
}

/** How many sessions are up, and why the others are not. */
function sessionLines(sessions: readonly SessionStatus[], { style, width }: View): readonly string[] {
  if (sessions.length === 0) return [];
  const down = sessions.filter(({ agree }) => !agree);
  const paint = down.length > 0 ? style.wrong : (text: string) => text;
  const reasons = down.flatMap(({ node, router, atNode, atRouter, why }) =>
    wrap(
      `${node} and ${router}: ${atNode.state || '-'} at the node, ${atRouter.state || '-'} at the router${why ? `, ${why}` : ''}`,
      width,
      6,
    ).map((line, at) => (at === 0 ? `    ${line}` : line)),
  );
  return [`  ${paint(sessionSummary(sessions))}`, ...reasons];
}

/** How many routes are there; of the missing ones the first, since the rows below name them all. */
function routeLines({ routes }: StatusDocument, { style }: View): readonly string[] {
  if (routes.length === 0) return [];
  const missing = routes.filter(({ present }) => !present);
  if (missing.length === 0) return [`  ${count(routes.length, 'host route')} present`];
  const named = missing.slice(0, 2).map(({ prefix }) => prefix);
  const rest = missing.length > named.length ? ', …' : '';
  return [
    `  ${style.wrong(`${missing.length} of ${count(routes.length, 'host route')} missing`)}: ${named.join(', ')}${rest}`,
  ];
}

function verdict(
  { healthy, cluster, counts, sessions, nodes, phases }: StatusDocument,
  { style, width, as = (command) => command }: View,
): readonly string[] {
  if (healthy) return [`${style.done('✔')} ${cluster} is as its file says, and healthy.`];
  const down = sessions.filter(({ agree }) => !agree).length;
  const unread = phases.filter(({ error }) => error !== undefined).length;
  const notReady = nodes.filter(({ ready }) => !ready).length;
  const found = [
    [counts.drift, `${counts.drift} changed since cpaas set ${counts.drift === 1 ? 'it' : 'them'}`],
    [counts.pending, `${counts.pending} still to be done`],
    [counts.foreign, `${counts.foreign} in other hands`],
    [counts.unreachable - unread, `${count(counts.unreachable - unread, 'host')} unreachable`],
    [unread, `${count(unread, 'phase')} cannot be read`],
    [down, `${count(down, 'session')} down`],
    [notReady, `${count(notReady, 'node')} not ready`],
  ] as const;
  const said = found.flatMap(([many, text]) => (many > 0 ? [text] : []));
  const differs = counts.drift + counts.pending + counts.foreign > 0;
  const sentence = `${cluster} is not ${differs ? 'as its file says' : 'healthy'}${said.length > 0 ? ': ' : ''}${said.join(', ')}.`;
  const [first = '', ...more] = wrap(sentence, width - 2);
  const repairable = counts.drift + counts.pending > 0;
  return [
    `${style.wrong('✖')} ${first}`,
    ...more.map((line) => `  ${line}`),
    `  ${style.change('→')} ${repairable ? `${as('cpaas up')}   repairs what is ours` : `${as('cpaas doctor')}   says why`}`,
  ];
}
