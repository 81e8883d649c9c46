import { CpaasError } from '../../../src/core/errors.ts';
import type { Event, StepRef } from '../../../src/core/events.ts';

const of = (phase: string, host: string, title: string): StepRef => ({ step: `${title}@${host}`, title, host, phase });

const peers = of('Calico', 'cpaas1-vm', 'BGPPeers');
const rules = of('Forwarding', 'cpaas1-vm', 'packet filter rules');
const bgp1 = of('Routers', 'bigip1', 'router bgp 64512');
const bgp2 = of('Routers', 'bigip2', 'router bgp 64512');

export const PASSWORD = 'hunter2';
export const redact = (text: string): string => text.replaceAll(PASSWORD, '•••');

export const refused = new CpaasError('BGP.REFUSED', 'bigip1 refused a line of the change', {
  evidence: [{ label: 'answer', text: `% Invalid input ${PASSWORD}\u001b[2J` }],
});

const change = { key: 'bigip1', from: undefined, to: {}, before: undefined, cause: 'wanted' } as const;

/** A run in which one phase changes something, one nothing, and one of two routers refuses. */
export const story: readonly Event[] = [
  { type: 'run.start', run: '1', command: 'up', cluster: 'cpaas1' },
  { type: 'phase.start', phase: 'Calico', by: 'phase', steps: [peers] },
  { type: 'step.start', ...peers },
  {
    type: 'command',
    host: 'cpaas1-vm',
    argv: ['calicoctl', 'apply', `--token=${PASSWORD}`],
    reads: false,
    code: 0,
    seconds: 0.2,
  },
  { type: 'step.applied', ...peers, changes: [change], lines: ['bigip1 10.10.2.20 in AS 64512'], seconds: 0.3 },
  { type: 'phase.end', phase: 'Calico', seconds: 0.9 },
  { type: 'phase.start', phase: 'Forwarding', by: 'phase', steps: [rules] },
  { type: 'step.start', ...rules },
  { type: 'step.satisfied', ...rules, seconds: 0.1 },
  { type: 'phase.end', phase: 'Forwarding', seconds: 0.2 },
  { type: 'warning', text: 'node mesh is off' },
  { type: 'phase.start', phase: 'Routers', by: 'host', steps: [bgp1, bgp2] },
  { type: 'step.start', ...bgp1 },
  { type: 'step.start', ...bgp2 },
  { type: 'step.progress', ...bgp1, text: '6 of 9 lines · reverts by itself in 1:52' },
  { type: 'step.applied', ...bgp2, changes: [change, { ...change, key: 'b' }], lines: ['a', 'b'], seconds: 1.5 },
  { type: 'step.failed', ...bgp1, error: refused, seconds: 2 },
  { type: 'phase.end', phase: 'Routers', seconds: 2.4 },
  { type: 'run.end', outcome: 'failed', seconds: 11.4 },
];
