import { readdirSync } from 'node:fs';
import { isClusterName } from '../../core/cluster-name.ts';
import { clusterPaths, stateRoot } from '../../state/paths.ts';
import type { Candidate } from './command-line.ts';
import type { CompletionContext } from './context.ts';

type Source = (context: CompletionContext) => Promise<readonly Candidate[]> | readonly Candidate[];

/** Values by the name that the help gives them. Only what costs no connection; one that fails has none. */
export const candidateSources: Readonly<Record<string, Source>> = {
  cluster: ({ options, io }) =>
    readdirSync(stateRoot(options.stateDir, io.env))
      .filter(isClusterName)
      .map((word) => ({ word })),
  async run(context) {
    const { fileJournal } = await import('../../state/journal.ts');
    const { journal } = await pathsOf(context);
    const runs = fileJournal(journal, { whole: true }).runs();
    return runs.map(({ run, command, outcome }) => ({ word: run, about: `${command}, ${outcome}` }));
  },
  async 'phase|step'(context) {
    const { blueprint } = await targetOf(context);
    const phases = blueprint?.plan.phases ?? [];
    const kinds = new Set(phases.flatMap((phase) => phase.kinds));
    return [...phases.map(({ name }) => ({ word: name, about: 'phase' })), ...[...kinds].map((word) => ({ word }))];
  },
  async place(context) {
    const { loadRecord } = await import('../../state/record.ts');
    const { record } = await pathsOf(context);
    return Object.values(loadRecord(record, '').hosts).map(({ name }) => ({ word: name }));
  },
  async code() {
    const { errorPages } = await import('../explain.ts');
    return errorPages().map(({ code, text }) => ({ word: code, about: text.split('\n')[0] ?? '' }));
  },
  async lab() {
    const { labCandidates } = await import('./lab-candidates.ts');
    return labCandidates();
  },
  async machine(context) {
    const { machineCandidates } = await import('./lab-candidates.ts');
    return machineCandidates(context);
  },
};

/** Names of values that are files: the shell knows them best. */
export const FILES: ReadonlySet<string> = new Set(['path', 'file', 'archive']);

const targetOf = async ({ options, io }: CompletionContext) =>
  (await import('../../session/target.ts')).resolveTarget(options, io, { fileless: true });

async function pathsOf(context: CompletionContext) {
  const { name } = await targetOf(context);
  return clusterPaths(stateRoot(context.options.stateDir, context.io.env), name);
}
