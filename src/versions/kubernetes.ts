import { coerce, minor as minorOf, parse } from 'semver';

/** The Kubernetes in a release of k3s or of Kubernetes itself: `v1.35.5+k3s1` is 1.35.5. Nothing where it is no version. */
export const kubernetesIn = (release: string): string | undefined => parse(release)?.version;

/** `1.35` of `v1.35.8`, of `1.35.8-rc.1+k3s1`, of `1.35`. Nothing where there is no such number. */
export function lineOf(version: string): string | undefined {
  const found = coerce(version);
  return found ? `${found.major}.${found.minor}` : undefined;
}

/** Versions of kubectl that may speak to an API server, as a semver range: one minor to either side. Source: kubernetes.io/releases/version-skew-policy. */
export function kubectlFor(kubernetes: string): string {
  const found = coerce(kubernetes);
  if (!found) return '*';
  return `>=${found.major}.${Math.max(0, minorOf(found) - 1)}.0-0 <${found.major}.${minorOf(found) + 2}.0-0`;
}
