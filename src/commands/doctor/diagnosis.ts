import type { LearnedBlock, SessionStatus } from '../../core/bgp-documents.ts';
import type { DoctorFinding, PlanDocument, PlannedChange, PlannedStep } from '../../core/documents.ts';
import { CpaasError, flatten } from '../../core/errors.ts';
import type { ClusterNode } from '../../facts/cluster/nodes.ts';
import { contains } from '../../net/cidr.ts';

/** What is known of a cluster: what a plan finds, what could not be read, and what both ends of the sessions say. */
export interface Known {
  readonly document: PlanDocument;
  readonly troubles: readonly unknown[];
  readonly nodes: readonly ClusterNode[];
  readonly sessions: readonly SessionStatus[];
  readonly blocks: readonly LearnedBlock[];
  /** The node network of the file. */
  readonly network: string;
}

/** Everything that is wrong, what keeps others from working first. Pure. */
export function diagnose(known: Known): readonly DoctorFinding[] {
  const steps = known.document.phases.flatMap((phase) => phase.steps);
  const failures = known.troubles.flatMap(flatten).map(failed);
  const told = new Set(failures.map(({ subject }) => subject));
  return once([
    ...failures,
    ...steps.filter(({ why }) => why === undefined || !told.has(why)).flatMap(silent),
    ...steps.flatMap(inTheWay),
    ...known.nodes.flatMap((node) => wrongAddress(node, known.network)),
    ...steps.flatMap(missing),
    ...known.sessions.flatMap(down),
    ...known.blocks.flatMap(astray),
  ]);
}

/** One cause may keep several looks from their answer: it is one finding. */
const once = (findings: readonly DoctorFinding[]): readonly DoctorFinding[] => [
  ...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values(),
];

/** What could not be read: the failure knows best. */
function failed(error: unknown): DoctorFinding {
  if (!(error instanceof CpaasError)) throw error;
  const { code, message, evidence, next } = error;
  const [first] = next;
  return {
    code,
    severity: 'error',
    subject: message,
    evidence: evidence.map(({ label, text }) => `${label}: ${text}`).join('\n') || message,
    fix: first ? [first.command, first.label].filter(Boolean).join('   ') : `cpaas explain ${code}`,
  };
}

function silent({ state, host, title, why = '' }: PlannedStep): readonly DoctorFinding[] {
  if (state !== 'unreachable') return [];
  return [
    {
      code: 'HOST.UNREACHABLE',
      severity: 'error',
      subject: `${host}: ${title}`,
      evidence: why,
      fix: `see that ${host} is up, and how the file says it is reached`,
    },
  ];
}

/** Conflicts that have a name of their own; all others are somebody else's thing in our place. */
const CONFLICTS: readonly { readonly code: DoctorFinding['code']; readonly is: RegExp; readonly fix: string }[] = [
  {
    code: 'DOCTOR.MODE',
    is: /^bigip\.preflight routing mode/,
    fix: 'move BGP of this unit to imish, or keep cpaas away from it',
  },
  {
    code: 'CALICO.NO_BGP',
    is: /^calico\.preflight/,
    fix: 'switch BGP on in Calico; cpaas explain CALICO.NO_BGP says how',
  },
  {
    code: 'DOCTOR.AS',
    is: /^(bigip\.bgp router bgp|calico\.bgp-configuration asNumber|bigip\.bgp neighbor \S+ remote-as)/,
    fix: 'make bgp.asNumber, or the asNumber of the router, what is there; or change what is there',
  },
];

function inTheWay({ kind, host, title, conflicts = [] }: PlannedStep): readonly DoctorFinding[] {
  return conflicts.map(({ key, why }) => {
    const known = CONFLICTS.find(({ is }) => is.test(`${kind} ${key}`));
    return {
      code: known?.code ?? 'STEP.CONFLICT',
      severity: 'error',
      subject: `${host}: ${title}: ${key}`,
      evidence: why,
      fix: known?.fix ?? 'give it up, or change the cluster file so that it asks for something else',
    };
  });
}

function wrongAddress(
  { name, address, calicoAddress, internalIp }: ClusterNode,
  network: string,
): readonly DoctorFinding[] {
  if (address === undefined || contains(network, `${address}/32`)) return [];
  return [
    {
      code: 'DOCTOR.ADDRESS',
      severity: 'error',
      subject: `node ${name}`,
      evidence: `BIRD speaks from ${address}, outside of the node network ${network}${calicoAddress && internalIp !== calicoAddress ? `; its InternalIP is ${internalIp}` : ''}`,
      fix: "set IP_AUTODETECTION_METHOD of calico-node to this network, or network.nodes of the file to the nodes' own",
    },
  ];
}

/** What the file asks for and is not there, by kind; what it breaks is said in the page of the code. */
const MISSING: Readonly<Record<string, DoctorFinding['code']>> = {
  'bigip.self-ip': 'DOCTOR.LOCKDOWN',
  'docker.forwarding': 'DOCTOR.FORWARDING',
  'host.sysctl': 'DOCTOR.FORWARDING',
  'host.routes': 'DOCTOR.ROUTE',
  'bigip.route': 'DOCTOR.ROUTE',
};

function missing({ kind, host, title, changes }: PlannedStep): readonly DoctorFinding[] {
  if (changes.length === 0) return [];
  const said = (change: PlannedChange): string => `${change.cause}: ${change.text}`;
  return [
    {
      code: MISSING[kind] ?? 'DOCTOR.DIFFERS',
      severity: MISSING[kind] ? 'error' : 'warning',
      subject: `${host}: ${title}`,
      evidence: changes
        .slice(0, 5)
        .map(said)
        .concat(changes.length > 5 ? [`and ${changes.length - 5} more`] : [])
        .join('\n'),
      fix: 'cpaas up',
    },
  ];
}

function down({
  node,
  router,
  routerAddress,
  nodeAddress,
  up,
  atNode,
  atRouter,
  why,
}: SessionStatus): readonly DoctorFinding[] {
  if (up) return [];
  return [
    {
      code: 'DOCTOR.SESSION',
      severity: 'error',
      subject: `${node} (${nodeAddress}) and ${router} (${routerAddress})`,
      evidence: `${atNode.state} at the node, ${atRouter.state} at the router${why ? `: ${why}` : ''}`,
      fix: `look for another finding about ${router} first; then cpaas up`,
    },
  ];
}

function astray({ prefix, node, router, trouble }: LearnedBlock): readonly DoctorFinding[] {
  if (trouble === undefined) return [];
  return [
    {
      code: 'DOCTOR.BLOCK',
      severity: 'error',
      subject: `${prefix}${node ? ` of ${node}` : ''} at ${router}`,
      evidence: trouble,
      fix: 'cpaas bgp routes   shows each block at each router',
    },
  ];
}
