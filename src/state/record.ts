import { z } from 'zod';
import { CpaasError } from '../core/errors.ts';
import { HostSpec } from '../core/host-spec.ts';
import { readText } from './disk.ts';
import { replaceFile } from './whole-file.ts';

/** What is remembered of a cluster besides the journal: enough to reach every place of it when its file is gone. */
export const ClusterRecord = z.object({
  v: z.literal(1),
  cluster: z.string(),
  /** UID of the namespace kube-system: another cluster of the same name is not this one. */
  identity: z.string().optional(),
  /** Hosts by endpoint, as the file last had them; those that left the file stay while the journal holds something there. */
  hosts: z.record(z.string(), HostSpec),
  /** The cluster file as the last `up` had it, resolved: for when the file is gone, and for a machine that starts again. */
  file: z.unknown().optional(),
  /** What tells units apart, by endpoint: read once, so that a dead unit keeps its identity. */
  units: z.record(z.string(), z.string()),
});
export type ClusterRecord = z.infer<typeof ClusterRecord>;

/** The record of a cluster, empty when there is none. Rejects one that cannot be understood with `STATE.CORRUPT`. */
export function loadRecord(path: string, cluster: string): ClusterRecord {
  const text = readText(path);
  if (text === undefined) return { v: 1, cluster, hosts: {}, units: {} };
  try {
    return ClusterRecord.parse(JSON.parse(text));
  } catch (cause) {
    throw new CpaasError('STATE.CORRUPT', `${path} is not a record of a cluster`, {
      cause,
      next: [{ label: 'remove it: it is made again from the cluster file by the next up' }],
    });
  }
}

/** Writes only what differs, so that a run that changes nothing leaves the state as it was. */
export function saveRecord(path: string, record: ClusterRecord): void {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  if (readText(path) === text) return;
  replaceFile(path, text);
}
