import { describe, expect, test } from 'vitest';
import type { ContextDiff, LearnedBlock, SessionStatus } from '../../../src/core/bgp-documents.ts';
import type { PlanDocument } from '../../../src/core/documents.ts';
import { adhocCommand } from '../../../src/session/run/advice.ts';
import { bgpDiffText } from '../../../src/ui/screens/bgp-diff.ts';
import { bgpRoutesText } from '../../../src/ui/screens/bgp-routes.ts';
import { bgpStatusText } from '../../../src/ui/screens/bgp-status.ts';
import { dryRunText } from '../../../src/ui/screens/plan.ts';
import { runEndText } from '../../../src/ui/screens/run-end.ts';
import { plainStyle } from '../../../src/ui/text/style.ts';

const view = { style: plainStyle, width: 110 };

/** As a unit tells it when nobody knows the way to the node. */
const told = (address: string, state: string, rest: Partial<SessionStatus> = {}): SessionStatus => ({
  node: address,
  nodeAddress: address,
  router: '10.1.20.11',
  routerAddress: '10.1.20.11',
  atNode: { state: 'unknown' },
  atRouter: { state },
  agree: false,
  up: state === 'Established',
  ...rest,
});

test('of a unit alone the other ends are unknown, and how to ask them is said', () => {
  const up = { state: 'Established', uptime: '00:01:00', prefixes: 1 };
  const sessions = [
    told('10.1.20.20', 'Established', { atRouter: up }),
    told('10.1.20.21', 'Active', { why: '10.1.20.11 tries; no session ever came up' }),
  ];
  expect(bgpStatusText({ sessions }, view)).toMatchInlineSnapshot(`
    "NODE  ADDRESS     ROUTER      AT NODE  AT ROUTER    UP        PREFIXES
    -     10.1.20.20  10.1.20.11  unknown  Established  00:01:00  1
    -     10.1.20.21  10.1.20.11  unknown  Active       -         -

      10.1.20.21 and 10.1.20.11: 10.1.20.11 tries; no session ever came up

      The nodes' ends were not asked: --from-kubeconfig PATH asks them."
  `);
});

test('a unit that cannot be asked has a row that says why', () => {
  const why = '10.1.20.11 does not answer: connection refused';
  expect(bgpStatusText({ sessions: [told('', 'unknown', { why })] }, { ...view, width: 80 })).toMatchInlineSnapshot(`
    "NODE  ADDRESS  ROUTER      AT NODE  AT ROUTER  UP  PREFIXES
    -     -        10.1.20.11  unknown  unknown    -   -

      10.1.20.11: 10.1.20.11 does not answer: connection refused"
  `);
});

describe('pod blocks', () => {
  const path = { nextHop: '172.19.0.3', best: true, valid: true, stale: false };
  const block: LearnedBlock = {
    prefix: '10.53.86.64/26',
    borrowed: false,
    node: 'agent-0',
    owner: '172.19.0.3',
    router: 'bigip1',
    nextHop: '172.19.0.3',
    paths: [path],
    stale: false,
    installed: {
      nextHop: '172.19.0.3',
      vlan: 'internal',
      through: { prefix: '172.19.0.0/16', code: 'K', nextHop: '10.10.2.10', vlan: 'internal' },
    },
  };
  const { installed: _, node: __, owner: ___, ...gone } = block;
  const blocks: readonly LearnedBlock[] = [
    block,
    { ...block, prefix: '10.53.86.70/32', borrowed: true, node: 'agent-1' },
    {
      ...gone,
      prefix: '10.53.9.0/26',
      stale: true,
      paths: [{ ...path, stale: true }],
      trouble: 'no node has this block any more',
    },
  ];

  test('have their owner, and through what their next hop is found; what is stale or wrong is said', () => {
    expect(bgpRoutesText({ blocks }, { ...view, width: 140 })).toMatchInlineSnapshot(`
      "PREFIX          NODE                ROUTER  IN BGP            FORWARDED BY
      10.53.86.64/26  agent-0             bigip1  172.19.0.3        10.10.2.10 (K 172.19.0.0/16)
      10.53.86.70/32  agent-1 (borrowed)  bigip1  172.19.0.3        10.10.2.10 (K 172.19.0.0/16)
      10.53.9.0/26    -                   bigip1  172.19.0.3 stale  -                             no node has this block any more

        ✖ 1 of 3 routes not as it should be."
    `);
  });

  test('where all is well no line is longer than the terminal, and none is empty', () => {
    const well = blocks.filter(({ trouble }) => trouble === undefined);
    expect(bgpRoutesText({ blocks: well }, { ...view, width: 80 })).toMatchInlineSnapshot(`
      "PREFIX          NODE                ROUTER  IN BGP      FORWARDED BY
      10.53.86.64/26  agent-0             bigip1  172.19.0.3  10.10.2.10 (K
                                                              172.19.0.0/16)
      10.53.86.70/32  agent-1 (borrowed)  bigip1  172.19.0.3  10.10.2.10 (K
                                                              172.19.0.0/16)"
    `);
  });

  test('of a unit that cannot be asked', () => {
    const unknown: LearnedBlock = {
      prefix: '',
      borrowed: false,
      router: 'bigip1',
      paths: [],
      stale: false,
      trouble: 'bigip1 does not answer',
    };
    expect(bgpRoutesText({ blocks: [unknown] }, view)).toMatchInlineSnapshot(`
      "PREFIX  NODE  ROUTER  IN BGP  FORWARDED BY
      -       -     bigip1  -       -             bigip1 does not answer

        ✖ 1 of 1 route not as it should be."
    `);
  });
});

test('a diff is told unit by unit, context by context', () => {
  const context = (from: string, to: string, line: string): ContextDiff => ({
    context: 'router bgp',
    removed: [],
    added: [line],
    patch: `--- ${from}: router bgp\n+++ ${to}: router bgp\n@@ -1,1 +1,2 @@\n router bgp 64512\n+${line}\n`,
  });
  const same = { routeDomain: 0, enabled: true, wanted: [], unsaved: [], conflicts: [] };
  const routers = [
    { ...same, router: 'bigip1', wanted: [context('running', 'wanted', 'neighbor 10.1.20.21 peer-group calico-k8s')] },
    {
      ...same,
      router: 'bigip2',
      unsaved: [context('saved', 'running', 'timers bgp 10 30')],
      conflicts: ['BGP runs there in AS 1'],
    },
    { ...same, router: 'bigip3', routeDomain: 7 },
    { ...same, router: 'bigip4', enabled: false },
    { ...same, router: 'bigip5', enabled: false, unknown: 'bigip5 does not answer' },
  ];
  expect(bgpDiffText({ routers }, view)).toMatchInlineSnapshot(`
    "✖ bigip1: what is running is not as wanted.
    --- running: router bgp
    +++ wanted: router bgp
    @@ -1,1 +1,2 @@
     router bgp 64512
    +neighbor 10.1.20.21 peer-group calico-k8s

    ✖ bigip2: something is in the way; what is running is not what is saved.
      ! BGP runs there in AS 1
    --- saved: router bgp
    +++ running: router bgp
    @@ -1,1 +1,2 @@
     router bgp 64512
    +timers bgp 10 30

    ✔ bigip3, route domain 7: what is running is as wanted, and saved.

    ✔ bigip4: what is running is as wanted.

    ? bigip5: bigip5 does not answer"
  `);
});

test('a dry run says in comments what is in the way, and when there is nothing to send', () => {
  const summary = { satisfied: 0, pending: 0, conflict: 0, unreachable: 0, deferred: 0 };
  const step = { id: 'i', kind: 'k', risk: 'additive' as const, changes: [], commands: [] };
  const plan: PlanDocument = {
    cluster: 'adhoc',
    summary,
    phases: [
      {
        name: 'Routers',
        by: 'host',
        steps: [
          {
            ...step,
            title: 'router bgp 64512',
            host: '10.1.20.11',
            state: 'conflict',
            conflicts: [{ key: 'router bgp', why: 'BGP runs there in AS 1' }],
          },
          { ...step, title: 'BGP', host: '10.1.20.12', state: 'unreachable', why: 'it does not answer' },
        ],
      },
    ],
  };
  expect(dryRunText(plan)).toMatchInlineSnapshot(`
    "# in the way on 10.1.20.11: router bgp 64512: BGP runs there in AS 1
    # 10.1.20.12 cannot be looked at: it does not answer"
  `);
  expect(dryRunText({ ...plan, phases: [] })).toBe('# Nothing to send: all is as asked.');
});

test('a run without a file is about its units', () => {
  const run = { cluster: 'adhoc', run: 'r', steps: [], seconds: 1.2 };
  const units = ['10.1.20.11', '10.1.20.12'];
  const left = {
    state: [],
    next: [
      { label: 'goes on from here', command: adhocCommand('cpaas bgp peer') },
      { label: 'undoes this run', command: adhocCommand('cpaas rollback r') },
    ],
  };
  const ends = [
    runEndText(
      {
        run: { ...run, outcome: 'applied' },
        command: 'bgp peer',
        units,
        proof: ['4 sessions Established at both ends'],
      },
      view,
    ),
    runEndText({ run: { ...run, outcome: 'unchanged' }, command: 'bgp peer', units }, view),
    runEndText({ run: { ...run, outcome: 'applied' }, command: 'bgp unpeer', units, from: ['10.1.20.21'] }, view),
    runEndText({ run: { ...run, outcome: 'unchanged' }, command: 'bgp unpeer', units: units.slice(0, 1) }, view),
    runEndText({ run: { ...run, outcome: 'interrupted' }, command: 'bgp peer', units, left }, view),
  ];
  expect(ends.join('\n')).toMatchInlineSnapshot(`
    "✔ 10.1.20.11 and 10.1.20.12 are peered: 4 sessions Established at both ends.                   1.2 s
      cpaas bgp status --router …   shows the sessions        cpaas bgp unpeer --router …   takes this away again
    ✔ 10.1.20.11 and 10.1.20.12 are as asked. Nothing changed.                                     1.2 s
    ✔ 10.1.20.11 and 10.1.20.12 are no longer peered with 10.1.20.21: 0 steps undone.              1.2 s
    ✔ There is nothing of ours on 10.1.20.11. Nothing changed.                                     1.2 s
    ✖ Interrupted: no step had started. What was started has ended, and the journal knows it.    1.2 s
      cpaas bgp peer --router …   goes on from here        cpaas rollback r --cluster adhoc   undoes this run"
  `);
});
