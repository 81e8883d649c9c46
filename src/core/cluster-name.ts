import { CpaasError } from './errors.ts';

/** `metadata.name`: a DNS label of at most 32 characters. It becomes part of paths and of the names of namespaces. */
const NAME = /^(?=.{1,32}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** Whose state `cpaas bgp` keeps where no file names a cluster. No file may have it. */
export const ADHOC = 'adhoc';

export const isClusterName = (name: string): boolean => NAME.test(name);

/** The name of a cluster or a lab, as somebody gave it. Rejects with `USAGE.NAME` what no cluster can be called. */
export function clusterName(name: string): string {
  if (isClusterName(name)) return name;
  throw new CpaasError('USAGE.NAME', `${JSON.stringify(name)} is not the name of a cluster`, {
    evidence: [{ label: 'names', text: 'small letters, digits and dashes, at most 32, no dash at either end' }],
  });
}
