import { readdirSync } from 'node:fs';
import { isClusterName } from '../../core/cluster-name.ts';
import { clusterPaths, stateRoot } from '../../state/paths.ts';
import type { Offer } from './command-line.ts';
import type { Where } from './context.ts';

type Source = (where: Where) => Promise<readonly Offer[]> | readonly Offer[];

/** Values by the name that the help gives them. Only what costs no connection; whoever fails has nothing to offer. */
export const sources: Readonly<Record<string, Source>> = {
  cluster: ({ options, io }) =>
    readdirSync(stateRoot(options.stateDir, io.env))
      .filter(isClusterName)
      .map((word) => ({ word })),
  async run(where) {
    const { fileJournal } = await import('../../state/journal.ts');
    const { journal } = await pathsOf(where);
    const runs = fileJournal(journal, { whole: true }).runs();
    return runs.map(({ run, command, outcome }) => ({ word: run, about: `${command}, ${outcome}` }));
  },
  async 'phase|step'(where) {
    const { blueprint } = await targetOf(where);
    const phases = blueprint?.plan.phases ?? [];
    const kinds = new Set(phases.flatMap((phase) => phase.kinds));
    return [...phases.map(({ name }) => ({ word: name, about: 'phase' })), ...[...kinds].map((word) => ({ word }))];
  },
  async place(where) {
    const { loadRecord } = await import('../../state/record.ts');
    const { record } = await pathsOf(where);
    return Object.values(loadRecord(record, '').hosts).map(({ name }) => ({ word: name }));
  },
  async code() {
    const { errorPages } = await import('../explain.ts');
    return errorPages().map(({ code, text }) => ({ word: code, about: text.split('\n')[0] ?? '' }));
  },
  async lab() {
    const { labOffers } = await import('./lab-candidates.ts');
    return labOffers();
  },
  async machine(where) {
    const { machineOffers } = await import('./lab-candidates.ts');
    return machineOffers(where);
  },
};

/** Names of values that are files: the shell knows them best. */
export const FILES: ReadonlySet<string> = new Set(['path', 'file', 'archive']);

const targetOf = async ({ options, io }: Where) =>
  (await import('../../session/target.ts')).target(options, io, { fileless: true });

async function pathsOf(where: Where) {
  const { name } = await targetOf(where);
  return clusterPaths(stateRoot(where.options.stateDir, where.io.env), name);
}
