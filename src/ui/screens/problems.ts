import { wrap } from '../text/columns.ts';
import { type Renderer, renderer } from '../text/renderer.ts';
import { count } from '../text/words.ts';

export interface ProblemsDocument {
  /** As the user named it. */
  readonly file: string;
  /** Lines and columns count from 1; `path` is empty for the file as a whole. */
  readonly problems: readonly {
    readonly line: number;
    readonly column: number;
    readonly path: string;
    readonly message: string;
  }[];
}

/** What is wrong with a cluster file: `file:line:column: path: message`, which editors and CI systems know how to follow. */
export const problemsText: Renderer<ProblemsDocument> = renderer(({ file, problems }, { style, width }) => {
  if (problems.length === 0) return [`${style.done('✔')} ${file} is valid.`];
  const lines = problems.flatMap(({ line, column, path, message }) => {
    const place = `${file}:${line}:${column}:`;
    const [first = '', ...more] = wrap([path, message].filter(Boolean).join(': '), width, place.length + 1);
    return [`${style.strong(place)} ${first}`, ...more];
  });
  return [...lines, '', `${style.wrong('✖')} ${file} has ${count(problems.length, 'problem')}.`];
});
