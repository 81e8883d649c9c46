import { type Answer, examples, type VerbModule } from '../cli/command.ts';
import { loadCluster } from '../config/load.ts';
import { InvalidClusterFile, type Problem } from '../config/problems.ts';
import { filePath } from '../session/target.ts';
import { problemsText } from '../ui/screens/problems.ts';

export const define: VerbModule['define'] = (command, act) => {
  examples(command, [
    ['cpaas validate', 'every problem of cpaas.yaml at once, without any network'],
    ['cpaas validate -f lab.yaml -o json', 'the same for a program'],
  ]);
  act(command, async ({ options, io }): Promise<Answer> => {
    const file = filePath(options, io);
    const warnings: Problem[] = [];
    try {
      await loadCluster(file, (problem) => warnings.push(problem));
    } catch (error) {
      if (!(error instanceof InvalidClusterFile)) throw error;
      return answer(file, error.problems, warnings, 2);
    }
    return answer(file, [], warnings, 0);
  });
};

const answer = (
  file: string,
  problems: readonly Problem[],
  warnings: readonly Problem[],
  exit: Answer['exit'],
): Answer => ({
  kind: 'Validation',
  data: { file, valid: problems.length === 0, problems, warnings },
  text: (view) => {
    const told = warnings.map(({ line, column, message }) => `${file}:${line}:${column}: warning: ${message}`);
    return [...told, problemsText({ file, problems }, view)].join('\n');
  },
  exit,
});
