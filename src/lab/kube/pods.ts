import { at, isFields, type KubeObject } from './objects/object.ts';
import { invalid } from './objects/status.ts';

const POD = { kind: 'Pod', group: '' };

/** A pod as the API server stores it: defaults filled in, pending until its kubelet says otherwise, hardly changeable. */
export function admitPod(pod: KubeObject, old: KubeObject | undefined): KubeObject {
  const { name } = pod.metadata;
  const spec = pod['spec'];
  const containers = at(spec, 'containers');
  if (!isFields(spec) || !Array.isArray(containers) || containers.length === 0) {
    throw invalid(POD, name, [{ field: 'spec.containers', reason: 'FieldValueRequired', message: 'Required value' }]);
  }
  if (old === undefined)
    return { ...pod, spec: { ...DEFAULTS, ...spec }, status: { phase: 'Pending', qosClass: 'BestEffort' } };
  if (fixedPart(spec, old) !== fixedPart(old['spec'], old)) {
    const message =
      'Forbidden: pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, ' +
      '`spec.activeDeadlineSeconds` or `spec.tolerations` (only additions to existing tolerations)';
    throw invalid(POD, name, [{ field: 'spec', reason: 'FieldValueForbidden', message }]);
  }
  return pod;
}

const DEFAULTS = {
  dnsPolicy: 'ClusterFirst',
  enableServiceLinks: true,
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  terminationGracePeriodSeconds: 30,
};

/** What may not change: all but images, tolerations, and a node that was not chosen yet. */
function fixedPart(spec: unknown, old: KubeObject): string {
  const unscheduled = at(old, 'spec', 'nodeName') === undefined;
  return JSON.stringify(spec, (key, value) => {
    if (key === 'image' || key === 'tolerations' || (key === 'nodeName' && unscheduled)) return undefined;
    if (!isFields(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
