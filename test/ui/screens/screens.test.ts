import { describe, expect, test } from 'vitest';
import type { Check, RunDocument } from '../../../src/core/documents.ts';
import { bgpStatusText } from '../../../src/ui/screens/bgp-status.ts';
import { doctorText } from '../../../src/ui/screens/doctor.ts';
import { type GraphDocument, graphText } from '../../../src/ui/screens/graph.ts';
import { labsText } from '../../../src/ui/screens/labs.ts';
import { graphMermaid } from '../../../src/ui/screens/mermaid.ts';
import { planText } from '../../../src/ui/screens/plan.ts';
import { problemsText } from '../../../src/ui/screens/problems.ts';
import { routesText } from '../../../src/ui/screens/routes.ts';
import { runEndText } from '../../../src/ui/screens/run-end.ts';
import { runsText } from '../../../src/ui/screens/runs.ts';
import { statusText } from '../../../src/ui/screens/status.ts';
import { verifyText } from '../../../src/ui/screens/verify.ts';
import { HOSTILE, heading, narrow, nodes, routes, sessions, status, wide } from './documents.ts';

describe('status', () => {
  test('names what is not as it should be, and what repairs it', () => {
    expect(statusText({ status, heading }, narrow)).toMatchInlineSnapshot(`
      "cpaas1 · lab (vm) · 4 nodes, 1 router                            from cpaas.yaml

        NODE      ADDRESS     STATE  PODS  BGP bigip1   POD BLOCKS
        server-0  172.19.0.2  Ready  2     Established  10.53.194.192/26
        agent-0   172.19.0.3  Ready  2     Established  10.53.86.64/26
        agent-1   172.19.0.4  Ready  0     Active       –

        2 of 3 sessions Established at both ends
          agent-1 and bigip1: Active at the node, Active at the router, nothing
            answers on tcp 179: see cpaas doctor
        1 of 2 host routes missing: 10.53.86.64/26

        Host routes
        + pod routes            10.53.86.64/26 via 172.19.0.3 (gone since cpaas set
                                it)

      ✖ cpaas1 is not as its file says: 1 changed since cpaas set it, 1 session down.
        → cpaas up   repairs what is ours"
    `);
  });

  test('is short when all is well', () => {
    const well = {
      ...status,
      phases: [],
      counts: { drift: 0, pending: 0, foreign: 0, unreachable: 0 },
      sessions: sessions.map(({ why: _, ...session }) => ({
        ...session,
        agree: true,
        atRouter: { state: 'Established' },
      })),
      routes: routes.map((route) => ({ ...route, present: true })),
      healthy: true,
    };
    expect(statusText({ status: well, heading }, narrow)).toMatchInlineSnapshot(`
      "cpaas1 · lab (vm) · 4 nodes, 1 router                            from cpaas.yaml

        NODE      ADDRESS     STATE  PODS  BGP bigip1   POD BLOCKS
        server-0  172.19.0.2  Ready  2     Established  10.53.194.192/26
        agent-0   172.19.0.3  Ready  2     Established  10.53.86.64/26
        agent-1   172.19.0.4  Ready  0     Established  –

        3 sessions Established at both ends
        2 host routes present

      ✔ cpaas1 is as its file says, and healthy."
    `);
  });

  test('tells drift, pending, foreign and unreachable apart, each with its number', () => {
    const verdict = (counts: Partial<typeof status.counts>) => {
      const all = { drift: 0, pending: 0, foreign: 0, unreachable: 0, ...counts };
      return statusText({ status: { ...status, phases: [], sessions: [], counts: all }, heading }, wide)
        .split('\n')
        .at(-2);
    };
    expect(verdict({ drift: 2 })).toBe('✖ cpaas1 is not as its file says: 2 changed since cpaas set them.');
    expect(verdict({ pending: 3 })).toBe('✖ cpaas1 is not as its file says: 3 still to be done.');
    expect(verdict({ foreign: 1 })).toBe('✖ cpaas1 is not as its file says: 1 in other hands.');
    expect(verdict({ unreachable: 1 })).toBe('✖ cpaas1 is not healthy: 1 host unreachable.');
    expect(verdict({ drift: 1, foreign: 3 })).toBe(
      '✖ cpaas1 is not as its file says: 1 changed since cpaas set it, 3 in other hands.',
    );
  });

  test('of a cluster that alone knows its nodes, it counts those that it found', () => {
    const { nodes: _, ...unknown } = heading;
    const [first] = statusText({ status, heading: { ...unknown, provider: 'existing' } }, narrow).split('\n');
    expect(first).toContain(`existing · ${nodes.length} nodes, 1 router`);
    const [none] = statusText({ status: { ...status, nodes: [] }, heading: unknown }, narrow).split('\n');
    expect(none).toContain('lab (vm) · 1 router');
  });

  test('of many nodes shows those in trouble and counts the others', () => {
    const many = Array.from({ length: 100 }, (_, at) => ({
      name: `node-${at}`,
      address: `10.0.0.${at}`,
      ready: at !== 42,
      blocks: [],
      pods: 0,
    }));
    const text = statusText({ status: { ...status, nodes: many, sessions: [] }, heading }, narrow);
    expect(text).toMatch(/node-42 +10\.0\.0\.42 +NotReady/);
    expect(text).toContain('99 nodes Ready');
    expect(text.split('\n').length).toBeLessThan(24);
  });
});

describe('bgp status', () => {
  test('shows both ends, and below why one is down', () => {
    expect(bgpStatusText({ sessions }, narrow)).toMatchInlineSnapshot(`
      "NODE      ADDRESS     ROUTER  AT NODE      AT ROUTER    UP        PREFIXES
      server-0  172.19.0.2  bigip1  Established  Established  00:04:10  1
      agent-0   172.19.0.3  bigip1  Established  Established  00:04:11  1
      agent-1   172.19.0.4  bigip1  Active       Active       00:01:04  -

        agent-1 and bigip1: nothing answers on tcp 179: see cpaas doctor"
    `);
  });

  test('has the reason in its row where there is room', () => {
    expect(bgpStatusText({ sessions }, wide)).toMatchInlineSnapshot(`
      "NODE      ADDRESS     ROUTER  AT NODE      AT ROUTER    UP        PREFIXES
      server-0  172.19.0.2  bigip1  Established  Established  00:04:10  1
      agent-0   172.19.0.3  bigip1  Established  Established  00:04:11  1
      agent-1   172.19.0.4  bigip1  Active       Active       00:01:04  -         nothing answers on tcp 179: see cpaas doctor"
    `);
  });

  test('says so when there are none', () => {
    expect(bgpStatusText({ sessions: [] }, narrow)).toBe('No BGP sessions between nodes and routers.');
  });
});

test('routes are present, missing or not ours', () => {
  const foreign = { prefix: '10.53.9.0/26', node: '', via: '172.19.0.9', host: 'vm', ours: false, present: true };
  expect(routesText({ routes: [...routes, foreign] }, narrow)).toMatchInlineSnapshot(`
    "PREFIX            NODE      VIA         HOST       STATE
    10.53.194.192/26  server-0  172.19.0.2  cpaas1-vm  present
    10.53.86.64/26    agent-0   172.19.0.3  cpaas1-vm  missing
    10.53.9.0/26      -         172.19.0.9  vm         present, not ours"
  `);
});

describe('graph', () => {
  const document: GraphDocument = {
    cluster: 'cpaas1',
    routers: [{ name: 'bigip1', address: '10.10.2.20', asNumber: 64512 }],
    gateway: { name: 'cpaas1-vm', address: '10.10.2.10' },
    nodes,
    sessions,
  };

  test('is a tree from the router down to the nodes', () => {
    expect(graphText(document, narrow)).toMatchInlineSnapshot(`
      "bigip1 10.10.2.20  AS 64512
      └─ cpaas1-vm 10.10.2.10
         ├─ server-0  172.19.0.2  10.53.194.192/26  2 pods  ● Established
         ├─ agent-0   172.19.0.3  10.53.86.64/26    2 pods  ● Established
         └─ agent-1   172.19.0.4  –                         ○ Active 00:01:04"
    `);
  });

  test('names each router of a pair at each node', () => {
    const { gateway: _, ...flat } = document;
    const pair = {
      ...flat,
      routers: [...document.routers, { name: 'bigip2', address: '10.10.2.21', asNumber: 64512 }],
    };
    expect(graphText(pair, narrow)).toMatchInlineSnapshot(`
      "bigip1 10.10.2.20  AS 64512
      bigip2 10.10.2.21  AS 64512
      ├─ server-0  172.19.0.2  10.53.194.192/26  2 pods  ● bigip1  ○ bigip2 no session
      ├─ agent-0   172.19.0.3  10.53.86.64/26    2 pods  ● bigip1  ○ bigip2 no session
      └─ agent-1   172.19.0.4  –                         ○ bigip1 Active 00:01:04  ○ bigip2 no session"
    `);
  });

  test('as a flowchart for Mermaid', () => {
    expect(graphMermaid(document, narrow)).toMatchInlineSnapshot(`
      "flowchart TD
        router0["bigip1<br>10.10.2.20<br>AS 64512"]
        gateway["cpaas1-vm<br>10.10.2.10"]
        node0["server-0<br>172.19.0.2<br>10.53.194.192/26"]
        node1["agent-0<br>172.19.0.3<br>10.53.86.64/26"]
        node2["agent-1<br>172.19.0.4"]
        router0 --- gateway
        gateway --- node0
        gateway --- node1
        gateway --- node2
        router0 <-->|Established| node0
        router0 <-->|Established| node1
        router0 <-.->|Active| node2"
    `);
  });

  test('no name can say anything else to Mermaid', () => {
    const [router] = document.routers;
    const routers = [{ ...router, name: '"]; click a "javascript:x" `<b>' } as (typeof document.routers)[number]];
    expect(graphMermaid({ ...document, routers, nodes: [], sessions: [] }, narrow)).toMatchInlineSnapshot(`
      "flowchart TD
        router0["#34;#93;#59; click a #34;javascript:x#34; #96;#60;b#62;<br>10.10.2.20<br>AS 64512"]
        gateway["cpaas1-vm<br>10.10.2.10"]
        router0 --- gateway"
    `);
  });
});

describe('the end of a run', () => {
  const outcomes = ['applied', 'applied', 'satisfied', 'failed', 'skipped'] as const;
  const run: RunDocument = {
    cluster: 'cpaas1',
    run: '20261122-141502',
    outcome: 'applied',
    steps: outcomes.map((outcome, at) => ({ id: `${at}`, title: 't', host: 'h', outcome, seconds: 1 })),
    seconds: 11.4,
  };

  test('says what holds, how long it took and what comes next', () => {
    const proof = ['4 sessions Established at both ends', '4 pod blocks at bigip1', '4 host routes'];
    expect(runEndText({ run, command: 'up', proof }, wide)).toMatchInlineSnapshot(`
      "✔ cpaas1 is up: 4 sessions Established at both ends, 4 pod blocks at bigip1, 4 host routes.   11.4 s
        cpaas verify   proves it with packets        cpaas status   shows it        cpaas down   undoes it"
    `);
    expect(runEndText({ run, command: 'up', proof }, narrow)).toMatchInlineSnapshot(`
      "✔ cpaas1 is up: 4 sessions Established at both ends, 4 pod blocks at bigip1, 4
        host routes.                                                            11.4 s
        cpaas verify   proves it with packets
        cpaas status   shows it
        cpaas down     undoes it"
    `);
  });

  test('is one line when nothing changed', () => {
    const unchanged = { ...run, outcome: 'unchanged' as const, seconds: 1.9 };
    expect(runEndText({ run: unchanged, command: 'up' }, narrow)).toMatchInlineSnapshot(
      `"✔ cpaas1 is as its file says. Nothing changed.                             1.9 s"`,
    );
  });

  test('says how to go on after Ctrl-C', () => {
    const interrupted = { ...run, outcome: 'interrupted' as const };
    const left = {
      state: [
        { label: 'done', text: 'vm: BGPConfiguration default\nbigip1: self-IP internal' },
        { label: 'not done', text: 'Host routes' },
      ],
      next: [
        { label: 'goes on from here', command: 'cpaas up' },
        { label: 'undoes this run', command: 'cpaas rollback 20261122-141502' },
      ],
    };
    expect(runEndText({ run: interrupted, command: 'up', left }, narrow)).toMatchInlineSnapshot(`
      "✖ Interrupted: 2 steps applied, 1 already so, 1 failed and 1 not done. What
        was started has ended, and the journal knows it.                      11.4 s
          done      vm: BGPConfiguration default
                    bigip1: self-IP internal
          not done  Host routes
        cpaas up                         goes on from here
        cpaas rollback 20261122-141502   undoes this run"
    `);
  });

  test('leaves advice to the error when there is one', () => {
    const failed = { ...run, outcome: 'failed' as const, error: { code: 'BGP.REFUSED', message: 'no', next: [] } };
    expect(runEndText({ run: failed, command: 'up' }, narrow)).toMatchInlineSnapshot(
      `"✖ up failed: 2 steps applied, 1 already so, 1 failed and 1 not done.      11.4 s"`,
    );
  });

  test('of what was declined says that nothing changed', () => {
    expect(runEndText({ run: { ...run, outcome: 'declined' }, command: 'down' }, narrow)).toContain(
      'Declined: nothing was changed.',
    );
  });
});

describe('verify', () => {
  const check = (title: string, subject: string, result: Check['result'], detail = ''): Check => ({
    id: title + subject,
    title,
    subject,
    result,
    detail,
    seconds: 0.2,
  });
  const checks = [
    check('session Established', 'server-0', 'pass'),
    check('session Established', 'agent-0', 'pass'),
    check('session Established', 'agent-1', 'fail', 'the router says Active; nothing answers on tcp 179'),
    check('TCP from bigip1', '10.53.194.193 on server-0', 'pass', '0.4 ms'),
    check('TCP from bigip1', 'agent-1', 'skip', 'no pod on this node'),
  ];

  test('joins what passed, and explains what did not', () => {
    expect(verifyText({ checks, summary: { pass: 3, fail: 1, skip: 1 } }, narrow)).toMatchInlineSnapshot(`
      "✔ session Established  server-0, agent-0
      ✖ session Established  agent-1: the router says Active; nothing answers on tcp
                             179
      ✔ TCP from bigip1      10.53.194.193 on server-0
      - TCP from bigip1      agent-1: no pod on this node

      ✖ 1 check failed, 3 passed, 1 skipped.   1.0 s"
    `);
  });

  test('with -v shows each check and what it saw', () => {
    const passed = checks.filter(({ result }) => result === 'pass');
    const text = verifyText({ checks: passed, summary: { pass: 3, fail: 0, skip: 0 } }, { ...narrow, verbose: true });
    expect(text).toMatchInlineSnapshot(`
      "✔ session Established  server-0
      ✔ session Established  agent-0
      ✔ TCP from bigip1      10.53.194.193 on server-0: 0.4 ms

      ✔ 3 checks passed.   0.6 s"
    `);
  });
});

test('runs are listed with the newest first, and one that was cut off says so', () => {
  const run = { user: 'ulrich', machine: 'ws' };
  const document = {
    cluster: 'cpaas1',
    runs: [
      {
        ...run,
        run: '1',
        command: 'up',
        started: '2026-11-22T14:15:02.123Z',
        outcome: 'applied',
        seconds: 11.4,
        changes: 21,
      },
      { ...run, run: '2', command: 'down', started: '2026-11-22T15:15:02.123Z', changes: 1 },
    ] as const,
  };
  expect(runsText(document, narrow)).toMatchInlineSnapshot(`
    "RUN  STARTED            COMMAND  OUTCOME  TOOK    CHANGES  BY
    2    2026-11-22 15:15Z  down     cut off          1        ulrich@ws
    1    2026-11-22 14:15Z  up       applied  11.4 s  21       ulrich@ws"
  `);
});

test('runs that are too wide for the terminal do not say twice when they started', () => {
  const run = {
    started: '2026-11-22T14:15:02Z',
    outcome: 'applied',
    seconds: 3,
    user: 'ulrich',
    machine: 'workstation',
  } as const;
  const runs = [
    { ...run, run: '20261122-141502', command: 'up', changes: 29 },
    { ...run, run: '20261122-151502', command: 'rollback', undoes: '20261122-141502', changes: 1 },
  ] as const;
  expect(runsText({ cluster: 'cpaas1', runs }, { ...narrow, width: 90 })).toMatchInlineSnapshot(`
    "RUN (UTC)        COMMAND                      OUTCOME  TOOK   CHANGES  BY
    20261122-151502  rollback of 20261122-141502  applied  3.0 s  1        ulrich@workstation
    20261122-141502  up                           applied  3.0 s  29       ulrich@workstation"
  `);
});

test('what cannot be read is no host and nothing to add, and wraps under itself', () => {
  const error = 'lab-vm-vm: only root can enter network namespace lab-vm-vm';
  const phases = ['Calico', 'Routers'].map((name) => ({ name, by: 'phase' as const, error, steps: [] }));
  const summary = { satisfied: 0, pending: 0, conflict: 0, unreachable: 2, deferred: 0 };
  const unread = {
    ...status,
    phases,
    summary,
    counts: { ...status.counts, drift: 0, unreachable: 2 },
    nodes: [],
    sessions: [],
    routes: [],
  };
  expect(statusText({ status: unread, heading }, narrow)).toMatchInlineSnapshot(`
    "cpaas1 · lab (vm) · 4 nodes, 1 router                            from cpaas.yaml

      no nodes known yet

      Calico                  cannot be read: lab-vm-vm: only root can enter network
                              namespace lab-vm-vm
      Routers                 cannot be read: lab-vm-vm: only root can enter network
                              namespace lab-vm-vm

    ✖ cpaas1 is not healthy: 2 phases cannot be read.
      → cpaas doctor   says why"
  `);
  expect(planText({ plan: unread, heading }, narrow)).toContain('2 phases that cannot be read');
});

test('status names the nodes that nobody peers with', () => {
  const text = statusText({ status: { ...status, leftOut: ['fargate-1'] }, heading }, narrow);
  expect(text).toContain('  not peered with, nothing of Calico is there: fargate-1');
  expect(statusText({ status, heading }, narrow)).not.toContain('not peered');
});

test('a finding advises commands about the cluster that was asked about, and says nothing twice', () => {
  const as = (command: string) => `${command} -f lab.yaml`;
  const finding = {
    code: 'DOCTOR.DIFFERS',
    severity: 'warning',
    subject: 'here: Lab',
    evidence: 'wanted: lab',
    fix: 'cpaas up',
  } as const;
  const root = {
    code: 'HOST.ROOT',
    severity: 'error',
    subject: 'only root',
    evidence: 'only root',
    fix: 'sudo x',
  } as const;
  const block = {
    ...finding,
    code: 'DOCTOR.BLOCK',
    fix: 'cpaas bgp routes   shows each block at each router',
  } as const;
  const data = { cluster: 'cpaas1', findings: [finding, root, block], leftOut: [] };
  expect(doctorText(data, { ...narrow, as })).toMatchInlineSnapshot(`
    "! DOCTOR.DIFFERS  here: Lab
        wanted: lab
        → cpaas up -f lab.yaml

    ✖ HOST.ROOT  only root
        → sudo x

    ! DOCTOR.BLOCK  here: Lab
        wanted: lab
        → cpaas bgp routes -f lab.yaml   shows each block at each router

    ✖ 3 findings.   cpaas explain CODE   says more about each"
  `);
});

test('labs say whether they live', () => {
  const lab = { topology: 'vm', nodes: 4, routers: 1 } as const;
  const labs = [
    { ...lab, name: 'cpaas1', running: true },
    { ...lab, name: 'old', running: false },
  ];
  expect(labsText({ labs }, narrow)).toMatchInlineSnapshot(`
    "LAB     TOPOLOGY  NODES  ROUTERS  STATE
    cpaas1  vm        4      1        running
    old     vm        4      1        dead: cpaas lab down removes what is left"
  `);
});

test('problems of a file stand at file:line:column', () => {
  const problems = [
    {
      line: 7,
      column: 12,
      path: 'spec.network.nodes',
      message: '172.19.0.1/16 is not a network: its host bits are set. Did you mean 172.19.0.0/16?',
    },
    { line: 12, column: 3, path: '', message: 'unknown key' },
  ];
  expect(problemsText({ file: 'cpaas.yaml', problems }, narrow)).toMatchInlineSnapshot(`
    "cpaas.yaml:7:12: spec.network.nodes: 172.19.0.1/16 is not a network: its host
                     bits are set. Did you mean 172.19.0.0/16?
    cpaas.yaml:12:3: unknown key

    ✖ cpaas.yaml has 2 problems."
  `);
});

test('no line is longer than the terminal is wide', () => {
  for (const width of [60, 80, 100]) {
    const view = { ...narrow, width };
    const texts = [statusText({ status, heading }, view), problemsText({ file: 'c.yaml', problems: [] }, view)];
    for (const line of texts.join('\n').split('\n')) expect(line.length).toBeLessThanOrEqual(width);
  }
});

test('what devices say cannot draw on the screen', () => {
  const said = sessions.map((session) => ({ ...session, why: HOSTILE, atRouter: { state: HOSTILE }, agree: false }));
  const texts = [
    bgpStatusText({ sessions: said }, narrow),
    statusText({ status: { ...status, sessions: said }, heading: { ...heading, cluster: HOSTILE } }, narrow),
    routesText({ routes: [{ prefix: HOSTILE, node: HOSTILE, via: '', host: '', ours: true, present: true }] }, narrow),
  ];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there.
  expect(texts.join('')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});
