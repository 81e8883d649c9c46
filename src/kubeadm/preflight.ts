import { ownChecks } from './checks/alone.ts';
import type { Candidate, Check, Expectations } from './checks/check.ts';
import { clusterChecks } from './checks/cluster.ts';
import { softwareChecks } from './checks/software.ts';
import { togetherChecks } from './checks/together.ts';
import { minorOf, OLDEST_MINOR } from './versions.ts';

/** What is wrong with each machine, by check; a sentence that ends with what to do. */
export type Findings = ReadonlyMap<string, Readonly<Partial<Record<CheckName, string>>>>;

/** The first control plane of the file makes the cluster. */
const versions: Check = ({ name }, all, { version }) =>
  all.find(({ role }) => role === 'control-plane')?.name === name && minorOf(version) < OLDEST_MINOR
    ? `Kubernetes ${version} is older than v1.${OLDEST_MINOR}, whose kubeadm cpaas speaks to: set a newer version`
    : undefined;

const checks = {
  ...ownChecks,
  ...softwareChecks,
  ...togetherChecks,
  ...clusterChecks,
  versions,
} as const satisfies Readonly<Record<string, Check>>;
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
