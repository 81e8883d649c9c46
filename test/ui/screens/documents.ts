import type { SessionStatus } from '../../../src/core/bgp-documents.ts';
import type {
  NodeStatus,
  PlanDocument,
  PlannedChange,
  PlannedStep,
  RouteStatus,
  StatusDocument,
} from '../../../src/core/documents.ts';
import type { Heading } from '../../../src/ui/screens/heading.ts';
import type { View } from '../../../src/ui/text/renderer.ts';
import { plainStyle } from '../../../src/ui/text/style.ts';

/** 80 columns without colour: what every inline snapshot is drawn on. */
export const narrow: View = { style: plainStyle, width: 80 };
export const wide: View = { style: plainStyle, width: 120 };

export const change = (key: string, text: string, more: Partial<PlannedChange> = {}): PlannedChange => ({
  key,
  to: true,
  cause: 'wanted',
  risk: 'additive',
  text,
  ...more,
});

/** An element that is to go. */
export const removal = (key: string, text: string, more: Partial<PlannedChange> = {}): PlannedChange => {
  const { to: _, ...rest } = change(key, text, { from: true, cause: 'unwanted', ...more });
  return rest;
};

export const step = (
  title: string,
  host: string,
  changes: readonly PlannedChange[],
  more: Partial<PlannedStep> = {},
): PlannedStep => ({
  id: `${title}@${host}`,
  kind: 'test',
  title,
  host,
  risk: 'additive',
  state: 'pending',
  changes,
  commands: [],
  ...more,
});

export const heading: Heading = { cluster: 'cpaas1', provider: 'lab (vm)', nodes: 4, routers: 1, file: 'cpaas.yaml' };

export const plan: PlanDocument = {
  cluster: 'cpaas1',
  summary: { satisfied: 1, pending: 7, conflict: 0, unreachable: 0, deferred: 1 },
  phases: [
    {
      name: 'Calico',
      by: 'phase',
      steps: [
        step('BGPConfiguration default', 'cpaas1-vm', [change('default', 'asNumber 64512, node mesh on')], {
          commands: [
            {
              host: 'cpaas1-vm',
              argv: ['calicoctl', 'apply', '-f', '-'],
              stdin: 'kind: BGPConfiguration\nmetadata:\n  name: default\n',
            },
          ],
        }),
        step('BGPPeers', 'cpaas1-vm', [change('bigip1', 'bigip1 10.10.2.20 in AS 64512')]),
      ],
    },
    {
      name: 'Forwarding on cpaas1-vm',
      by: 'phase',
      steps: [
        step('ip_forward', 'cpaas1-vm', [], { state: 'satisfied' }),
        step('packet filter rules', 'cpaas1-vm', [
          change('filter', 'filter: accept bigip1'),
          change('nat', 'nat: keep sources'),
        ]),
      ],
    },
    {
      name: 'Routers',
      by: 'host',
      steps: [
        step('self-IP internal', 'bigip1', [
          change('internal', 'allow-service tcp:ssh → tcp:ssh tcp:bgp', { from: 'tcp:ssh' }),
        ]),
        step('static routes', 'bigip1', [change('r', '172.19.0.0/16 via 10.10.2.10')]),
        step('router bgp 64512', 'bigip1', [
          change('group', 'neighbor calico-k8s peer-group'),
          change('as', 'neighbor calico-k8s remote-as 64512'),
          ...[2, 3, 4, 5].map((at) => change(`n${at}`, `neighbor 172.19.0.${at} peer-group calico-k8s`)),
        ]),
      ],
    },
    {
      name: 'Host routes',
      by: 'phase',
      deferred: 'known after Calico',
      preview: ['one route for each pod block, via the node that owns it'],
      steps: [],
    },
  ],
};

const names = ['server-0', 'agent-0', 'agent-1'] as const;
const blocks = ['10.53.194.192/26', '10.53.86.64/26'];

export const nodes: readonly NodeStatus[] = names.map((name, at) => ({
  name,
  address: `172.19.0.${at + 2}`,
  ready: true,
  blocks: blocks.slice(at, at + 1),
  pods: at < 2 ? 2 : 0,
}));

/** The last one is down, and somebody knows why. */
export const sessions: readonly SessionStatus[] = names.map((node, at) => ({
  node,
  nodeAddress: `172.19.0.${at + 2}`,
  router: 'bigip1',
  routerAddress: '10.10.2.20',
  ...(at < 2
    ? {
        atNode: { state: 'Established' },
        atRouter: { state: 'Established', uptime: `00:04:1${at}`, prefixes: 1 },
        agree: true,
        up: true,
      }
    : {
        atNode: { state: 'Active' },
        atRouter: { state: 'Active', uptime: '00:01:04' },
        agree: false,
        up: false,
        why: 'nothing answers on tcp 179: see cpaas doctor',
      }),
}));

export const routes: readonly RouteStatus[] = blocks.map((prefix, at) => ({
  prefix,
  node: names[at] ?? '',
  via: `172.19.0.${at + 2}`,
  host: 'cpaas1-vm',
  ours: true,
  present: at === 0,
}));

export const status: StatusDocument = {
  cluster: 'cpaas1',
  summary: { satisfied: 8, pending: 1, conflict: 0, unreachable: 0, deferred: 0 },
  phases: [
    {
      name: 'Host routes',
      by: 'phase',
      steps: [step('pod routes', 'cpaas1-vm', [change('r', '10.53.86.64/26 via 172.19.0.3', { cause: 'drift' })])],
    },
  ],
  counts: { drift: 1, pending: 0, foreign: 0, unreachable: 0 },
  nodes,
  leftOut: [],
  sessions,
  routes,
  healthy: false,
};

/** What a device or a file might say to take over the terminal: clear it, retitle it, turn the writing round, return to the line's start. */
export const HOSTILE = 'evil\u001b[2J\u001b]0;title\u0007\u009b31m\u202eback\rover\u0000';
