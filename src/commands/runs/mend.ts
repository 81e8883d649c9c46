import type { Answer, Call } from '../../cli/command.ts';
import { mustBeKnown, resolveTarget } from '../../session/target.ts';
import { mendJournal } from '../../state/journal-mend.ts';
import { takeLock } from '../../state/lock.ts';
import { clusterPaths, stateRoot } from '../../state/paths.ts';
import { count } from '../../ui/text/words.ts';

/** Needs no session: that would read the journal. */
export async function mendRuns({ options, io }: Call): Promise<Answer> {
  const target = await resolveTarget(options, io, { fileless: true });
  const paths = clusterPaths(stateRoot(options.stateDir, io.env), target.name);
  mustBeKnown(target, paths.folder);
  const release = takeLock(paths.lock, 'runs mend');
  try {
    const { damaged, kept } = mendJournal(paths.journal);
    return {
      kind: 'MendedJournal',
      data: { cluster: target.name, journal: paths.journal, damaged, ...(damaged.length > 0 ? { kept } : {}) },
      text: ({ style }) =>
        damaged.length === 0
          ? `${style.done('✔')} The journal of ${target.name} is whole. Nothing changed.`
          : [
              `${style.done('✔')} ${count(damaged.length, 'line')} of the journal set aside: ${damaged.map(({ line }) => line).join(', ')}.`,
              `  They are kept in ${kept}. What they said is not known to cpaas any more:`,
              `  cpaas status   shows what is there, and what is not as the file says`,
            ].join('\n'),
      exit: 0,
    };
  } finally {
    release();
  }
}
