import { load } from 'js-yaml';
import { z } from 'zod';
import { CpaasError } from '../core/errors.ts';
import type { Query } from '../core/transport.ts';
import type { KubeAccess } from './access.ts';

/** A calicoctl command line for a cluster. It prefers variables of this prefix to those without it. */
export const calicoctl = ({ kubeconfig, context }: KubeAccess, ...args: readonly string[]): readonly string[] => [
  'env',
  'CALICO_DATASTORE_TYPE=kubernetes',
  `CALICO_KUBECONFIG=${kubeconfig}`,
  'calicoctl',
  ...args,
  ...(context === undefined ? [] : [`--context=${context}`]),
];

const CONFIG = '/etc/calico/calicoctl.cfg';
const Config = z.object({ spec: z.object({ kubeconfig: z.string() }) });

/**
 * calicoctl ignores its environment where its configuration file exists, and then writes to whatever cluster that names. Rejects with
 * `CALICO.CONFIG` unless it names ours. (calicoctl's clientmgr, v3.31)
 */
export async function refuseOtherConfig(machine: Query, { kubeconfig }: KubeAccess): Promise<void> {
  const text = await machine.read(CONFIG);
  if (text === undefined || configuredIn(text) === kubeconfig) return;
  throw new CpaasError('CALICO.CONFIG', `${CONFIG} on ${machine.name} may lead calicoctl to another cluster`, {
    evidence: [
      { label: 'it names', text: configuredIn(text) ?? 'no kubeconfig' },
      { label: 'wanted', text: kubeconfig },
    ],
    next: [{ label: `move it away, or name ${kubeconfig} in it`, command: 'cpaas up' }],
  });
}

function configuredIn(text: string): string | undefined {
  try {
    return Config.parse(load(text)).spec.kubeconfig;
  } catch {
    return undefined;
  }
}
