import { coerce, gte, lt, satisfies } from 'semver';
import { dockerRelease } from './docker.ts';
import { kubectlFor, kubernetesIn, lineOf } from './kubernetes.ts';

/** What is known of a cluster and its hosts; each may be missing. Versions as their owners write them, with or without a `v`. */
export interface Versions {
  readonly kubernetes?: string | undefined;
  readonly calico?: string | undefined;
  readonly calicoctl?: string | undefined;
  readonly kubectl?: string | undefined;
  readonly docker?: string | undefined;
  readonly k3d?: string | undefined;
  readonly containerd?: string | undefined;
  /** Version of the control group hierarchy that the host has mounted. */
  readonly cgroup?: 1 | 2 | undefined;
}

export interface VersionProblem {
  /** `calico-kubernetes`: which rule speaks. */
  readonly code: string;
  /** Whose version is to be another. */
  readonly about: keyof Versions;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly fix: string;
  /** Who says so. */
  readonly source: string;
}

/** Says nothing about what is not known. */
type Rule = (versions: Versions) => VersionProblem | undefined;

/** Minor versions of Kubernetes that each line of Calico was tested with by its makers, the first and the last. */
const CALICO_PAIRS: Readonly<Record<string, readonly [string, string]>> = {
  '3.31': ['1.32', '1.35'],
  '3.32': ['1.34', '1.36'],
  '3.33': ['1.35', '1.37'],
};

const calicoKubernetes: Rule = ({ calico, kubernetes }) => {
  const line = calico && lineOf(calico);
  const minor = kubernetes && lineOf(kubernetes);
  const [first, last] = (line && CALICO_PAIRS[line]) || [];
  if (!minor || !first || !last || between(minor, first, last)) return undefined;
  const fitting = Object.keys(CALICO_PAIRS).filter((each) => between(minor, ...(CALICO_PAIRS[each] ?? ['0', '0'])));
  return {
    code: 'calico-kubernetes',
    about: 'calico',
    severity: 'error',
    message: `Calico ${line} was tested with Kubernetes ${first} to ${last}, not with ${minor}`,
    fix:
      fitting.length > 0
        ? `take Calico ${fitting.join(' or ')}, or Kubernetes ${first} to ${last}`
        : `take Kubernetes ${first} to ${last}`,
    source: 'docs.tigera.io/calico/latest/getting-started/kubernetes/requirements',
  };
};

const calicoctlCalico: Rule = ({ calico, calicoctl }) =>
  calico && calicoctl && coerce(calico)?.version !== coerce(calicoctl)?.version
    ? {
        code: 'calicoctl-calico',
        about: 'calicoctl',
        severity: 'error',
        message: `calicoctl ${calicoctl} refuses to work with Calico ${calico}`,
        fix: `take calicoctl ${calico}, or leave it out`,
        source: 'docs.tigera.io/calico/latest/reference/calicoctl/version',
      }
    : undefined;

const kubectlSkew: Rule = ({ kubernetes, kubectl }) =>
  kubernetes && kubectl && coerce(kubectl) && !satisfies(bare(kubectl), kubectlFor(kubernetes))
    ? {
        code: 'kubectl-skew',
        about: 'kubectl',
        severity: 'warning',
        message: `kubectl ${kubectl} is more than one minor version from Kubernetes ${kubernetesIn(kubernetes) ?? kubernetes}`,
        fix: `take kubectl ${lineOf(kubernetes)}`,
        source: 'kubernetes.io/releases/version-skew-policy',
      }
    : undefined;

const cgroupKubernetes: Rule = ({ kubernetes, cgroup }) =>
  cgroup === 1 && kubernetes && atLeast(kubernetes, '1.35.0')
    ? {
        code: 'cgroup-kubernetes',
        about: 'kubernetes',
        severity: 'error',
        message: `kubelet ${lineOf(kubernetes)} does not start on a host with control groups version 1`,
        fix: 'take Kubernetes 1.34, or start the host with systemd.unified_cgroup_hierarchy=1',
        source: 'kubernetes.dev/resources/keps/5573',
      }
    : undefined;

/** Whether a kubelet asks for containerd 2, which Debian 12 and 13 do not have. */
export const needsContainerd2 = (kubernetes: string): boolean => atLeast(kubernetes, '1.36.0');

const containerdKubernetes: Rule = ({ kubernetes, containerd }) =>
  containerd && kubernetes && needsContainerd2(kubernetes) && lt(coerce(containerd) ?? '0.0.0', '2.0.0')
    ? {
        code: 'containerd-kubernetes',
        about: 'containerd',
        severity: 'error',
        message: `Kubernetes ${lineOf(kubernetes)} needs containerd 2, and this is ${containerd}`,
        fix: "take containerd 2 from Docker's repository or its release archive, or Kubernetes 1.35",
        source: 'kubernetes.io/blog: Kubernetes 1.35, last release that supports containerd 1.x',
      }
    : undefined;

/** Older engines start k3s with a runc that k3d no longer works with. */
const dockerK3d: Rule = ({ docker }) =>
  docker && lt(dockerRelease(docker) ?? '20.10.5', '20.10.5')
    ? {
        code: 'docker-k3d',
        about: 'docker',
        severity: 'error',
        message: `k3d needs Docker 20.10.5 or newer, and this is ${docker}`,
        fix: 'upgrade Docker Engine',
        source: 'k3d.io, requirements',
      }
    : undefined;

const k3dFiles: Rule = ({ k3d }) =>
  k3d && lt(coerce(k3d) ?? '5.7.0', '5.7.0')
    ? {
        code: 'k3d-files',
        about: 'k3d',
        severity: 'error',
        message: `k3d ${k3d} cannot copy files into nodes`,
        fix: 'take k3d 5.7 or newer',
        source: 'github.com/k3d-io/k3d: files in v1alpha5, 5.7.0',
      }
    : undefined;

const RULES: readonly Rule[] = [
  calicoKubernetes,
  calicoctlCalico,
  kubectlSkew,
  cgroupKubernetes,
  containerdKubernetes,
  dockerK3d,
  k3dFiles,
];

/** Everything about these versions that does not go together. */
export const versionProblems = (versions: Versions): readonly VersionProblem[] =>
  RULES.flatMap((rule) => rule(versions) ?? []);

/** The first of them that stands in the way, as one sentence with its way out. */
export function obstacle(versions: Versions): string | undefined {
  const problem = versionProblems(versions).find(({ severity }) => severity === 'error');
  return problem && `${problem.message}: ${problem.fix}`;
}

const bare = (version: string): string => version.replace(/^v/, '');
const atLeast = (version: string, floor: string): boolean => gte(coerce(version) ?? '0.0.0', floor);
const between = (line: string, first: string, last: string): boolean =>
  atLeast(line, coerce(first)?.version ?? '0.0.0') && atLeast(last, coerce(line)?.version ?? '0.0.0');
