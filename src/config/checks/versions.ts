import { type Versions, versionProblems } from '../../versions/rules.ts';
import { providersOf } from '../defaults.ts';
import type { Path } from '../path.ts';
import { type Check, error, warning } from './check.ts';

/** What the file alone can tell of versions that do not go together. What the hosts have is for the providers to add. */
export const versionsFit: Check = function* ({ spec }) {
  const [name, ...more] = spec ? providersOf({ spec }) : [];
  if (!spec || more.length > 0 || (name !== 'k3d' && name !== 'kubeadm')) return;
  const versions: Versions = {
    kubernetes: spec.provider?.[name]?.version,
    calico: spec.calico?.version,
    ...(name === 'k3d' ? { docker: spec.tools?.docker } : {}),
    kubectl: spec.tools?.kubectl,
    calicoctl: spec.tools?.calicoctl,
  };
  const places: Partial<Record<keyof Versions, Path>> = {
    kubernetes: ['spec', 'provider', name, 'version'],
    calico: ['spec', 'calico', 'version'],
    docker: ['spec', 'tools', 'docker'],
    kubectl: ['spec', 'tools', 'kubectl'],
    calicoctl: ['spec', 'tools', 'calicoctl'],
  };
  for (const { about, severity, message, fix, source } of versionProblems(versions)) {
    const finding = severity === 'error' ? error : warning;
    yield finding(places[about] ?? ['spec'], `${message}: ${fix} (${source})`);
  }
};
