import { expect, test } from 'vitest';
import { planCommands, planText } from '../../../src/ui/screens/plan.ts';
import { change, HOSTILE, heading, narrow, plan, removal, step, wide } from './documents.ts';

const screen = (steps: Parameters<typeof withSteps>[0], view = narrow) =>
  planText({ plan: withSteps(steps), heading }, view);
const withSteps = (steps: (typeof plan)['phases'][number]['steps']) => ({
  ...plan,
  summary: { ...plan.summary, deferred: 0 },
  phases: [{ name: 'Work', by: 'phase' as const, steps }],
});

test('a plan is one screen: what is added and changed where, and what is known later', () => {
  expect(planText({ plan, heading }, narrow)).toMatchInlineSnapshot(`
    "cpaas1 · lab (vm) · 4 nodes, 1 router                            from cpaas.yaml

      Calico
      + BGPConfiguration default  asNumber 64512, node mesh on
      + BGPPeers                  bigip1 10.10.2.20 in AS 64512
      Forwarding on cpaas1-vm
      + packet filter rules       filter: accept bigip1, nat: keep sources
      bigip1
      ~ self-IP internal          allow-service tcp:ssh → tcp:ssh tcp:bgp
      + static routes             172.19.0.0/16 via 10.10.2.10
      + router bgp 64512
          + neighbor calico-k8s peer-group
          + neighbor calico-k8s remote-as 64512
          + neighbor {172.19.0.2, 172.19.0.3, 172.19.0.4, 172.19.0.5} peer-group
            calico-k8s
      Host routes                 known after Calico
        one route for each pod block, via the node that owns it

      11 to add, 1 to change, 0 to remove, 1 phase known later.
      cpaas plan --commands shows every line that would be sent."
  `);
});

test('a wider terminal is used: what was broken stands on one line', () => {
  const before = new Set(planText({ plan, heading }, narrow).split('\n'));
  const other = planText({ plan, heading }, wide)
    .split('\n')
    .filter((line) => !before.has(line));
  expect(other).toMatchInlineSnapshot(`
    [
      "cpaas1 · lab (vm) · 4 nodes, 1 router                                                from cpaas.yaml",
      "      + neighbor {172.19.0.2, 172.19.0.3, 172.19.0.4, 172.19.0.5} peer-group calico-k8s",
    ]
  `);
});

test('with -v each element and each command is there, and what is already so', () => {
  expect(planText({ plan, heading }, { ...narrow, verbose: true })).toMatchInlineSnapshot(`
    "cpaas1 · lab (vm) · 4 nodes, 1 router                            from cpaas.yaml

      Calico
      + BGPConfiguration default  asNumber 64512, node mesh on
          $ calicoctl apply -f -
            kind: BGPConfiguration
            metadata:
              name: default
      + BGPPeers                  bigip1 10.10.2.20 in AS 64512
      Forwarding on cpaas1-vm
        ip_forward                already so
      + packet filter rules
          + filter: accept bigip1
          + nat: keep sources
      bigip1
      ~ self-IP internal          allow-service tcp:ssh → tcp:ssh tcp:bgp
      + static routes             172.19.0.0/16 via 10.10.2.10
      + router bgp 64512
          + neighbor calico-k8s peer-group
          + neighbor calico-k8s remote-as 64512
          + neighbor 172.19.0.2 peer-group calico-k8s
          + neighbor 172.19.0.3 peer-group calico-k8s
          + neighbor 172.19.0.4 peer-group calico-k8s
          + neighbor 172.19.0.5 peer-group calico-k8s
      Host routes                 known after Calico
        one route for each pod block, via the node that owns it

      11 to add, 1 to change, 0 to remove, 1 phase known later.
      cpaas plan --commands shows every line that would be sent."
  `);
});

test('nothing to do is said in one sentence', () => {
  const summary = { satisfied: 9, pending: 0, conflict: 0, unreachable: 0, deferred: 0 };
  expect(planText({ plan: { ...plan, phases: [], summary }, heading }, narrow)).toMatchInlineSnapshot(`
    "cpaas1 · lab (vm) · 4 nodes, 1 router                            from cpaas.yaml

      ✔ cpaas1 is as its file says. Nothing to do."
  `);
});

test('a conflict says whose it is, an unreachable host why, a removal what dies by it', () => {
  const phases = [
    {
      name: 'Routers',
      by: 'host' as const,
      steps: [
        step('router bgp 64512', 'bigip1', [], {
          state: 'conflict',
          conflicts: [{ key: 'router bgp', why: 'the unit runs AS 65001 for somebody else' }],
        }),
        step('bigip2', 'bigip2', [], { state: 'unreachable', why: '10.10.2.21 port 22: connection refused' }),
        step('router bgp 64513', 'bigip3', [
          removal('n', 'neighbor 172.19.0.9 peer-group calico-k8s', {
            risk: 'disruptive',
            why: 'the session with 172.19.0.9 ends',
          }),
        ]),
      ],
    },
  ];
  const summary = { satisfied: 0, pending: 1, conflict: 1, unreachable: 1, deferred: 0 };
  expect(planText({ plan: { ...plan, phases, summary }, heading }, narrow)).toMatchInlineSnapshot(`
    "cpaas1 · lab (vm) · 4 nodes, 1 router                            from cpaas.yaml

      bigip1
      ! router bgp 64512      the unit runs AS 65001 for somebody else
      bigip2
      ? bigip2                10.10.2.21 port 22: connection refused
      bigip3
      - router bgp 64513      neighbor 172.19.0.9 peer-group calico-k8s
          disruptive: the session with 172.19.0.9 ends

      0 to add, 0 to change, 1 to remove, 1 conflict, 1 host unreachable.
      cpaas plan --commands shows every line that would be sent.
      ! What is not ours stays as it is: up changes nothing until it is settled."
  `);
});

test('many changes of one step are counted, and the first are shown', () => {
  const routes = Array.from({ length: 40 }, (_, at) => change(`${at}`, `10.53.${at}.0/26 via 172.19.0.${at}`));
  expect(screen([step('pod routes', 'vm', routes)])).toMatchInlineSnapshot(`
    "cpaas1 · lab (vm) · 4 nodes, 1 router                            from cpaas.yaml

      Work
      + pod routes            40 to add
          + 10.53.0.0/26 via 172.19.0.0
          + 10.53.1.0/26 via 172.19.0.1
          + 10.53.2.0/26 via 172.19.0.2
          + 10.53.3.0/26 via 172.19.0.3
          + 10.53.4.0/26 via 172.19.0.4
          … 35 more, shown with -v

      40 to add, 0 to change, 0 to remove.
      cpaas plan --commands shows every line that would be sent."
  `);
});

test('drift is told from what the file asks for', () => {
  const changes = [
    change('a', 'neighbor 172.19.0.2 peer-group calico-k8s', { cause: 'drift' }),
    change('b', 'remote-as 64513 → 64512', { cause: 'drift', from: 64513 }),
    change('c', 'neighbor 172.19.0.3 peer-group calico-k8s', { cause: 'unfinished' }),
  ];
  const text = screen([step('router bgp 64512', 'bigip1', changes)]);
  expect(text).toContain('neighbor 172.19.0.2 peer-group calico-k8s (gone since cpaas set it)');
  expect(text).toContain('remote-as 64513 → 64512 (changed since cpaas set it)');
  expect(text).toContain('neighbor 172.19.0.3 peer-group calico-k8s (a run was cut off here)');
});

test('rows of one phase on several hosts say where', () => {
  const text = screen([step('ip_forward', 'vm1', [change('f', 'on')]), step('ip_forward', 'vm2', [change('f', 'on')])]);
  expect(text).toMatch(/ip_forward on vm1 +on/);
  expect(text).toMatch(/ip_forward on vm2 +on/);
});

test('text from devices cannot move the cursor', () => {
  const changes = [change('k', HOSTILE), change('l', `${HOSTILE}\nsecond line`, { from: 1 })];
  const text = screen([step(HOSTILE, HOSTILE, changes, { commands: [{ host: 'h', argv: [HOSTILE] }] })], {
    ...narrow,
    verbose: true,
  });
  expect(text).toContain('evilback');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there.
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

test('the commands are a script that says where each part runs', () => {
  expect(planCommands(plan)).toMatchInlineSnapshot(`
    "# Calico: BGPConfiguration default, on cpaas1-vm
    calicoctl apply -f - <<'EOF'
    kind: BGPConfiguration
    metadata:
      name: default
    EOF

    # Host routes: known after Calico"
  `);
});
