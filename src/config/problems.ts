import { CpaasError } from '../core/errors.ts';
import type { Path } from './path.ts';

/** Something wrong or doubtful at a path, before its place in the text is known. `at: 'key'` points at the key, not at its value. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly severity: 'error' | 'warning';
  readonly at?: 'key';
}

/** Something wrong or doubtful in the file. Lines and columns count from 1; `path` is in words, empty for the file as a whole. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
}

/** `cpaas.yaml:7:12: spec.network.nodes: ...`, which editors and CI systems know how to follow. */
export function formatProblem(file: string, problem: Problem): string {
  return `${placeOf(file, problem)}: ${wordsOf(problem)}`;
}

const placeOf = (file: string, { line, column }: Problem): string => `${file}:${line}:${column}`;
const wordsOf = ({ path, message }: Problem): string => (path ? `${path}: ${message}` : message);

/** `CONFIG.INVALID`: everything that is wrong with a cluster file, by position. */
export class InvalidClusterFile extends CpaasError {
  readonly file: string;
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    super('CONFIG.INVALID', `${file} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}`, {
      evidence: problems.map((problem) => ({ label: placeOf(file, problem), text: wordsOf(problem) })),
      next: [
        { label: 'checks the file again', command: `cpaas validate -f ${file}` },
        { label: 'lets an editor check it while you type', command: 'cpaas schema' },
      ],
    });
    this.file = file;
    this.problems = problems;
  }
}

/** By position, each once. */
export function sorted(problems: readonly Problem[]): readonly Problem[] {
  const once = new Map(problems.map((problem) => [formatProblem('', problem), problem]));
  return [...once.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}
