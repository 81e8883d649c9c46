import type { BgpStatusDocument, SessionStatus } from '../../core/bgp-documents.ts';
import { table, widest, wrap } from '../text/columns.ts';
import { type Renderer, renderer, type View } from '../text/renderer.ts';
import { count } from '../text/words.ts';

const HEADING = ['NODE', 'ADDRESS', 'ROUTER', 'AT NODE', 'AT ROUTER', 'UP', 'PREFIXES'];

/** Every session from both ends. */
export const bgpStatusText: Renderer<BgpStatusDocument> = renderer(({ sessions }, view) => {
  if (sessions.length === 0) return ['No BGP sessions between nodes and routers.'];
  const oneSided = sessions.some((session) => session.nodeAddress !== '' && isOneSided(session));
  return [
    ...sessionLines(sessions, view),
    ...(oneSided ? ['', view.style.dim("  The nodes' ends were not asked: --from-kubeconfig PATH asks them.")] : []),
  ];
});

/** Whether nobody knows more of the other end than its address. */
const isOneSided = ({ node, nodeAddress, atNode }: SessionStatus): boolean =>
  node === nodeAddress && atNode.state === 'unknown';

/** The table of sessions; why one is down stands in its row, or below where the row has no room. */
function sessionLines(sessions: readonly SessionStatus[], view: View): readonly string[] {
  const rows = sessions.map((session) => row(session, view));
  const reasons = sessions.map(({ why = '' }) => why);
  const narrow = table(HEADING, rows, view);
  const room = view.width - widest(narrow) - 2;
  if (widest(reasons) <= room) {
    const wide = rows.map((cells, at) => [...cells, reasons[at] ?? '']);
    return table([...HEADING, ''], wide, view);
  }
  const below = sessions.flatMap(({ node, router, why }) => {
    const who = node === '' ? router : `${node} and ${router}`;
    return why ? wrap(`${who}: ${why}`, view.width - 2, 2).map((line) => `  ${line}`) : [];
  });
  return [...narrow, '', ...below];
}

function row(session: SessionStatus, { style }: View): readonly string[] {
  const { node, nodeAddress, router, atNode, atRouter } = session;
  return [
    node === nodeAddress ? '-' : node,
    nodeAddress || '-',
    router,
    isOneSided(session) ? style.dim(atNode.state) : stateWord(atNode.state, style),
    stateWord(atRouter.state, style),
    atRouter.uptime || '-',
    atRouter.prefixes === undefined ? '-' : String(atRouter.prefixes),
  ];
}

export const stateWord = (state: string, style: View['style']): string =>
  state === 'Established' ? style.done(state) : style.wrong(state || '-');

/** `4 sessions Established at both ends`, or how many of them. */
export function sessionSummary(sessions: readonly SessionStatus[]): string {
  const good = sessions.filter(({ agree }) => agree).length;
  if (good === sessions.length) return `${count(good, 'session')} Established at both ends`;
  return `${good} of ${count(sessions.length, 'session')} Established at both ends`;
}
