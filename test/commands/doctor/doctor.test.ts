import { describe, expect, test } from 'vitest';
import { diagnose, type Known } from '../../../src/commands/doctor/diagnosis.ts';
import type { SessionStatus } from '../../../src/core/bgp-documents.ts';
import type { PlannedStep } from '../../../src/core/documents.ts';
import { CpaasError } from '../../../src/core/errors.ts';
import type { ClusterNode } from '../../../src/facts/cluster/nodes.ts';
import { doctorText } from '../../../src/ui/screens/doctor.ts';
import { plainStyle } from '../../../src/ui/text/style.ts';

const step = (kind: string, rest: Partial<PlannedStep> = {}): PlannedStep => ({
  id: `${kind}:x`,
  kind,
  title: 'a step',
  host: 'bigip1',
  risk: 'additive',
  state: 'pending',
  changes: [],
  commands: [],
  ...rest,
});
const change = (text: string, cause: 'wanted' | 'drift' = 'drift') =>
  ({ key: text, cause, risk: 'additive', text }) as const;
const conflict = (kind: string, key: string) =>
  step(kind, { state: 'conflict', conflicts: [{ key, why: 'what is there' }] });
const session: SessionStatus = {
  node: 'agent-0',
  nodeAddress: '172.19.0.3',
  router: 'bigip1',
  routerAddress: '10.10.2.20',
  atNode: { state: 'Active' },
  atRouter: { state: 'absent' },
  agree: false,
  up: false,
  why: 'bigip1 has no such neighbor',
};
const node = (address: string): ClusterNode => ({
  name: 'agent-0',
  address,
  calicoAddress: address,
  internalIp: '172.19.0.3',
  ready: true,
  role: 'worker',
});

const known = (part: Partial<Known> & { readonly steps?: readonly PlannedStep[] }): Known => {
  const { steps = [], ...rest } = part;
  const summary = { satisfied: 0, pending: 0, conflict: 0, unreachable: 0, deferred: 0 };
  const document = { cluster: 'site1', phases: [{ name: 'p', by: 'phase' as const, steps }], summary };
  return { document, troubles: [], nodes: [], sessions: [], blocks: [], network: '172.19.0.0/16', ...rest };
};
const codes = (part: Parameters<typeof known>[0]) => diagnose(known(part)).map(({ code }) => code);

describe('doctor', () => {
  test('tells a cause once, however many looks it has kept from their answer', () => {
    const root = () => new CpaasError('HOST.ROOT', 'only root can enter it');
    expect(codes({ troubles: [root(), root(), new AggregateError([root()])] })).toEqual(['HOST.ROOT']);
  });

  test('finds nothing where nothing is wrong', () => {
    const well = { ...session, agree: true, up: true };
    expect(
      codes({ steps: [step('host.routes', { state: 'satisfied' })], nodes: [node('172.19.0.3')], sessions: [well] }),
    ).toEqual([]);
    expect(
      doctorText({ cluster: 'site1', findings: [], leftOut: [] }, { style: plainStyle, width: 80, verbose: false }),
    ).toContain('Nothing is wrong');
  });

  test.each([
    [
      'port lockdown',
      { steps: [step('bigip.self-ip', { changes: [change('allow-service add { tcp:bgp }')] })] },
      'DOCTOR.LOCKDOWN',
    ],
    [
      'a rule that is missing',
      { steps: [step('docker.forwarding', { changes: [change('accept')] })] },
      'DOCTOR.FORWARDING',
    ],
    [
      'a machine that does not forward',
      { steps: [step('host.sysctl', { changes: [change('ip_forward 0 → 1')] })] },
      'DOCTOR.FORWARDING',
    ],
    ['a host route', { steps: [step('host.routes', { changes: [change('10.53.0.0/26')] })] }, 'DOCTOR.ROUTE'],
    ["a unit's route to the nodes", { steps: [step('bigip.route', { changes: [change('route')] })] }, 'DOCTOR.ROUTE'],
    [
      'anything else that differs',
      { steps: [step('calico.bgp-peers', { changes: [change('BGPPeer')] })] },
      'DOCTOR.DIFFERS',
    ],
    ['routing in tmsh', { steps: [conflict('bigip.preflight', 'routing mode')] }, 'DOCTOR.MODE'],
    ['another AS on the unit', { steps: [conflict('bigip.bgp', 'router bgp')] }, 'DOCTOR.AS'],
    ['another AS of the cluster', { steps: [conflict('calico.bgp-configuration', 'asNumber')] }, 'DOCTOR.AS'],
    ['somebody in the way', { steps: [conflict('host.routes', '10.53.0.0/26')] }, 'STEP.CONFLICT'],
    [
      'a host that is silent',
      { steps: [step('unreachable', { state: 'unreachable', why: 'no route to host' })] },
      'HOST.UNREACHABLE',
    ],
    [
      'BGP without a licence',
      { troubles: [new CpaasError('BGP.DAEMON', 'the BGP daemon does not come up')] },
      'BGP.DAEMON',
    ],
    ['a node with another address', { nodes: [node('192.168.7.3')] }, 'DOCTOR.ADDRESS'],
    ['a session that is down', { sessions: [session] }, 'DOCTOR.SESSION'],
    [
      'a block that leads to another node',
      {
        blocks: [
          {
            prefix: '10.53.0.0/26',
            node: 'a',
            router: 'bigip1',
            stale: false,
            borrowed: false,
            paths: [],
            trouble: 'leads to 172.19.0.9',
          },
        ],
      },
      'DOCTOR.BLOCK',
    ],
  ] as const)('names %s', (_, part, code) => {
    const [finding, ...more] = diagnose(known(part));
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ code, severity: code === 'DOCTOR.DIFFERS' ? 'warning' : 'error' });
    for (const text of [finding?.subject, finding?.evidence, finding?.fix]) expect(text).toMatch(/\w/);
  });

  test('a failure that several steps met is told once', () => {
    const silent = step('docker.network', { state: 'unreachable', why: 'here: Docker does not answer' });
    const troubles = [new CpaasError('DOCKER.UNREACHABLE', 'here: Docker does not answer')];
    expect(diagnose(known({ steps: [silent, silent], troubles })).map(({ code }) => code)).toEqual([
      'DOCKER.UNREACHABLE',
    ]);
  });

  test('what is no failure of the world is a bug, not a finding', () => {
    expect(() => diagnose(known({ troubles: [new TypeError('x')] }))).toThrow(TypeError);
  });

  test('names the nodes that nobody peers with, which are no fault', () => {
    const view = { style: plainStyle, width: 80, verbose: false };
    const said = (...leftOut: string[]) => doctorText({ cluster: 'site1', findings: [], leftOut }, view);
    expect(said('virtual')).toMatchInlineSnapshot(`
      "  not peered with, nothing of Calico is there: virtual
      ✔ Nothing is wrong with site1, as far as it can be seen from here."
    `);
    expect(said('a', 'b', 'c', 'd', 'e', 'f', 'g')).toContain('e and 2 more');
  });

  test('shows each with its evidence and what to do', () => {
    const findings = diagnose(
      known({
        steps: [
          step('bigip.self-ip', { title: 'self-IP internal', changes: [change('allow-service add { tcp:bgp }')] }),
        ],
        sessions: [session],
      }),
    );
    expect(
      doctorText({ cluster: 'site1', findings, leftOut: [] }, { style: plainStyle, width: 80, verbose: false }),
    ).toMatchInlineSnapshot(`
      "✖ DOCTOR.LOCKDOWN  bigip1: self-IP internal
          drift: allow-service add { tcp:bgp }
          → cpaas up

      ✖ DOCTOR.SESSION  agent-0 (172.19.0.3) and bigip1 (10.10.2.20)
          Active at the node, absent at the router: bigip1 has no such neighbor
          → look for another finding about bigip1 first; then cpaas up

      ✖ 2 findings.   cpaas explain CODE   says more about each"
    `);
  });
});
