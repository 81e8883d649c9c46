import { reading } from '../core/reading.ts';
import type { Query } from '../core/transport.ts';

/** A file as it stands in a folder. */
export interface ProgramFile {
  readonly sha256: string;
  /** Only where not everybody can run it: `644`. */
  readonly mode?: string;
}

export interface FolderContent {
  /** Those of the names asked for that are there. */
  readonly programs: ReadonlyMap<string, ProgramFile>;
  /** Folders that are there, by path with a slash at its end, each with the names in it. */
  readonly folders: ReadonlyMap<string, readonly string[]>;
}

/** Looks at programs in a folder, and at folders, in one round trip. */
export async function lookAtPrograms(
  machine: Query,
  folder: string,
  names: readonly string[],
  folders: readonly string[],
): Promise<FolderContent> {
  const paths = names.map((name) => `${folder}/${name}`);
  const lists = folders.map((path) => reading(['ls', '-A', '--', path], { codes: [1, 2] }));
  const looks = [
    reading(['sha256sum', '--', ...paths], { codes: [1] }),
    reading(['stat', '-L', '-c', '%a %n', '--', ...paths], { codes: [1] }),
  ];
  const answers = await machine.queryAll([...lists, ...(paths.length > 0 ? looks : [])]);
  const digests = rows(answers[folders.length]?.stdout, /^\\?([0-9a-f]{64}) [ *](.+)$/);
  const modes = rows(answers[folders.length + 1]?.stdout, /^(\d+) (.+)$/);
  return {
    folders: new Map(
      folders.flatMap((path, at) => {
        const { code, stdout = '' } = answers[at] ?? {};
        return code === 0 ? [[path, stdout.split('\n').filter(Boolean)] as const] : [];
      }),
    ),
    programs: new Map(
      names.flatMap((name, at) => {
        const sha256 = digests.get(paths[at] ?? '');
        const mode = modes.get(paths[at] ?? '') ?? '';
        return sha256 === undefined ? [] : [[name, { sha256, ...(runnable(mode) ? {} : { mode }) }] as const];
      }),
    ),
  };
}

const runnable = (mode: string): boolean => (Number.parseInt(mode, 8) & 0o555) === 0o555;

/** Lines of a value and a path, by path. */
function rows(text = '', pattern: RegExp): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, value = '', path = ''] = pattern.exec(line) ?? [];
      return path ? [[path, value] as const] : [];
    }),
  );
}
