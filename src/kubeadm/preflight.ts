import { ownChecks } from './checks/alone.ts';
import { clusterChecks } from './checks/cluster.ts';
import { togetherChecks } from './checks/together.ts';
import type { HostFacts } from './host-facts.ts';
import { minorOf, OLDEST_MINOR } from './versions.ts';

/** What a cluster wants of its machines. */
export interface Expectations {
  readonly cluster: string;
  /** Of Kubernetes: `v1.35.8`. */
  readonly version: string;
  /** CIDRs. */
  readonly nodes: string;
  readonly pods: string;
  readonly services: string;
}

/** A machine of the file, and what is known of it. */
export interface Candidate {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  /** As the file has it; the machine's only one in the node network when left out. */
  readonly address?: string;
  readonly facts: HostFacts;
}

/** What is wrong with each machine, by check; a sentence that ends with what to do. */
export type Findings = ReadonlyMap<string, Readonly<Partial<Record<CheckName, string>>>>;

/** Looks at one machine among all of the file's. Nothing when it is as it should be. */
export type Check = (candidate: Candidate, all: readonly Candidate[], wanted: Expectations) => string | undefined;

/** The first control plane of the file makes the cluster. */
const versions: Check = ({ name }, all, { version }) =>
  all.find(({ role }) => role === 'control-plane')?.name === name && minorOf(version) < OLDEST_MINOR
    ? `Kubernetes ${version} is older than v1.${OLDEST_MINOR}, whose kubeadm cpaas speaks to: set a newer version`
    : undefined;

const checks = { ...ownChecks, ...togetherChecks, ...clusterChecks, versions } as const satisfies Readonly<
  Record<string, Check>
>;
export type CheckName = keyof typeof checks;
export const checkNames = Object.keys(checks) as readonly CheckName[];

/** Everything that is wrong with any machine, all at once. */
export function preflight(all: readonly Candidate[], wanted: Expectations): Findings {
  return new Map(
    all.map((candidate) => [
      candidate.name,
      Object.fromEntries(
        checkNames.flatMap((name) => {
          const trouble = checks[name](candidate, all, wanted);
          return trouble === undefined ? [] : [[name, trouble]];
        }),
      ),
    ]),
  );
}
