import type { Facts } from '../../core/facts.ts';
import { type Phase, phaseFrom, unreachableStep } from '../../core/plan.ts';
import type { Step } from '../../core/step.ts';
import { type HostAnswer, outOfReach } from '../../facts/host/kubeadm-hosts.ts';
import type { Candidate, Expectations } from '../../kubeadm/checks/check.ts';
import { type CheckName, preflight } from '../../kubeadm/preflight.ts';
import { hostSysctl } from '../../steps/host/sysctl.ts';
import { hostConditions, kubeadmPreflight } from '../../steps/kubeadm/preflight.ts';
import { ranks } from '../ranks.ts';
import { answersOf, type KubeadmMachine, type Making } from './machines.ts';
import { softwareKinds, softwareSteps, supplyOf } from './software.ts';

/** The only one that kubeadm asks for. */
const SETTINGS = [['net.ipv4.ip_forward', '1']] as const;

/** Whoever has one of these troubles is not asked what could be made of it: it could not say. */
const SPEECHLESS: ReadonlySet<string> = new Set<CheckName>(['login', 'system', 'architecture', 'programs']);

/** What every machine must be before anything is made of it, and what it is given: P2 rows 1 and 2, and what is taken for granted there. */
export function hostsPhase(making: Making): Phase {
  const { machines } = making;
  return phaseFrom(
    'Hosts',
    ranks.hosts,
    [kubeadmPreflight.kind, hostSysctl.kind, ...softwareKinds],
    async (facts) => {
      const answers = await answersOf(making, facts);
      const findings = preflight(candidates(machines, answers), expectations(making));
      const steps = machines.map((machine, at) =>
        hostSteps(machine, making, answers[at], findings.get(machine.name) ?? {}, facts),
      );
      return (await Promise.all(steps)).flat();
    },
    { by: 'host' },
  );
}

async function hostSteps(
  machine: KubeadmMachine,
  making: Making,
  answer: HostAnswer | undefined,
  findings: Readonly<Record<string, string>>,
  facts: Facts,
): Promise<readonly Step[]> {
  const { name, host } = machine;
  if (answer && 'error' in answer) {
    if (outOfReach(answer)) return [unreachableStep(host, 'conditions on the host', answer.error)];
    // a login that is refused is told as a finding: the others' findings stand beside it
    return [speechless(kubeadmPreflight({ host, findings: { login: answer.error.message } }, hostConditions))];
  }
  const named = Object.entries(findings).map(([check, trouble]) => [check, `${name}: ${trouble}`]);
  const conditions = kubeadmPreflight({ host, findings: Object.fromEntries(named) }, hostConditions);
  if (!answer || named.some(([check]) => SPEECHLESS.has(check ?? ''))) return [speechless(conditions)];
  return [
    // what was prepared once stays as it is where the file says that nothing is prepared
    supplyOf(making.cluster) === undefined ? { ...conditions, keeps: softwareKinds } : conditions,
    hostSysctl({ host, cluster: making.cluster.metadata.name }, SETTINGS),
    ...(await softwareSteps(machine, making, answer.facts, facts)),
  ];
}

/** Stands for all that could be made of the host: what was made of it before is still wanted, for all that anybody can know. */
const speechless = (conditions: Step): Step => ({ ...conditions, keeps: [hostSysctl.kind, ...softwareKinds] });

/** Those that have answered: what the others are nobody can judge. */
const candidates = (machines: readonly KubeadmMachine[], answers: readonly HostAnswer[]): readonly Candidate[] =>
  machines.flatMap(({ name, role, address }, at) => {
    const answer = answers[at];
    if (!answer || 'error' in answer) return [];
    return [{ name, role, facts: answer.facts, ...(address === undefined ? {} : { address }) }];
  });

const expectations = ({ cluster }: Making): Expectations => {
  const { metadata, spec } = cluster;
  const supply = supplyOf(cluster);
  return {
    cluster: metadata.name,
    version: spec.provider.kubeadm?.version ?? '',
    nodes: spec.network.nodes,
    pods: spec.network.pods,
    services: spec.network.services,
    ...(supply === undefined ? {} : { supply }),
  };
};
