import { existsSync } from 'node:fs';
import type { HostTable } from '../core/host-spec.ts';
import type { Journal } from '../core/journal.ts';
import { type ClusterRecord, loadRecord, saveRecord } from '../state/record.ts';
import type { Hosts } from '../transport/connect.ts';

/** What the state remembers of a cluster besides the journal. */
export interface RecordStore {
  readonly record: ClusterRecord;
  /** The file's hosts, and those that left it while something of ours is there. */
  readonly hosts: HostTable;
  /** As `Reader.identity`: a unit is asked once in its life. */
  identity(key: string, hosts: Hosts): Promise<string>;
  /** The same journal; what is needed to find its places again is on disk before an intent is. */
  recordingFirst(journal: Journal): Journal;
  /** Keeps a cluster file for those who come without one. Where nothing of the cluster is kept, nothing of it would be asked for. */
  remember(file: unknown, journal: Journal): void;
  /** Drops what is known of machines where nothing is ours; and whose state it is, when nothing is left. */
  tidy(journal: Journal): void;
}

export function openRecordStore(path: string, cluster: string, file: HostTable): RecordStore {
  const record = loadRecord(path, cluster);
  const hosts: HostTable = { ...record.hosts, ...file };
  const units: Record<string, string> = { ...record.units };
  const save = (journal: Journal): void => {
    const held = new Set(journal.holdings().map(({ host }) => host));
    const known = Object.entries(hosts).filter(([key]) => key in file || held.has(key));
    saveRecord(path, { ...record, hosts: Object.fromEntries(known), units });
  };
  return {
    record,
    hosts,
    identity: async (key, machines) => {
      const known = hosts[key]?.identity ?? units[key];
      if (known !== undefined) return known;
      units[key] = await machines.identity(key);
      return units[key];
    },
    remember: (file, journal) => {
      if (!existsSync(path)) return;
      record.file = file;
      save(journal);
    },
    tidy: (journal) => {
      const held = new Set(journal.holdings().map(({ host }) => host));
      for (const key of Object.keys(units)) if (!held.has(key)) delete units[key];
      if (!existsSync(path)) return;
      if (held.size > 0) save(journal);
      else saveRecord(path, { v: 1, cluster, hosts: {}, units: {} });
    },
    recordingFirst: (journal) => ({
      ...journal,
      intend: (...words) => {
        save(journal);
        journal.intend(...words);
      },
    }),
  };
}
