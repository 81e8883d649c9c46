import { z } from 'zod';
import { CpaasError } from '../core/errors.ts';
import { type ReadCommand, reading } from '../core/reading.ts';
import type { Seen } from '../core/step.ts';
import type { Output, Query } from '../core/transport.ts';

const Owned = { mode: z.string(), owner: z.string().optional() };

/** What may stand at a path: `mode` is octal (`644`), `owner` as `user:group`, left out for root's. */
export const HostFile = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('file'), content: z.string(), ...Owned }),
  /** `shared`: things are in it that the step does not know. */
  z.strictObject({ type: z.literal('folder'), shared: z.literal(true).optional(), ...Owned }),
  /** A link, a device. */
  z.strictObject({ type: z.literal('other'), is: z.string() }),
]);
export type HostFile = z.infer<typeof HostFile>;

/** The wish for a text file of root's. */
export const file = (path: string, content: string, mode = '644'): readonly [string, HostFile] => [
  path,
  { type: 'file', content, mode },
];

/** The wish for a folder of root's. */
export const folder = (path: string, mode = '755'): readonly [string, HostFile] => [path, { type: 'folder', mode }];

/** What stands at each of the paths, in one round trip; nothing where nothing does. */
export async function readFiles(
  machine: Query,
  paths: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Seen<HostFile>>> {
  const asked = [...paths];
  const answers = await machine.queryAll(asked.flatMap(questions));
  return new Map(
    asked.flatMap((path, at) => {
      const [stat, cat, list] = answers.slice(at * QUESTIONS, (at + 1) * QUESTIONS) as [Output, Output, Output];
      const value = found(machine, path, stat, cat, list, paths);
      return value ? [[path, { value }] as const] : [];
    }),
  );
}

const QUESTIONS = 3;
/** In C, words and failures read the same everywhere. */
const questions = (path: string): readonly ReadCommand[] => [
  reading(['env', 'LC_ALL=C', 'stat', '-c', '%a %U:%G %F', '--', path], { codes: [1] }),
  reading(['env', 'LC_ALL=C', 'cat', '--', path], { codes: [1] }),
  reading(['env', 'LC_ALL=C', 'ls', '-A', '--', path], { codes: [1, 2] }),
];

function found(
  machine: Query,
  path: string,
  stat: Output,
  cat: Output,
  list: Output,
  ours: ReadonlySet<string>,
): HostFile | undefined {
  if (stat.code !== 0) {
    if (/No such file|Not a directory/.test(stat.stderr)) return undefined;
    throw unreadable(machine, path, stat);
  }
  const [, mode = '', by = '', is = ''] = /^(\d+) (\S+) (.+)$/.exec(stat.stdout.trim()) ?? [];
  const owner = by === 'root:root' ? {} : { owner: by };
  if (is === 'directory') {
    if (list.code !== 0) throw unreadable(machine, path, list);
    const inside = list.stdout.split('\n').filter(Boolean);
    const base = path.replace(/\/*$/, '/');
    const shared = inside.some((name) => !ours.has(base + name) && !ours.has(`${base}${name}/`));
    return { type: 'folder', mode, ...owner, ...(shared ? { shared } : {}) };
  }
  if (is !== 'regular file' && is !== 'regular empty file') return { type: 'other', is };
  if (cat.code !== 0) throw unreadable(machine, path, cat);
  return { type: 'file', content: cat.stdout, mode, ...owner };
}

const unreadable = ({ name }: Query, path: string, { stderr }: Output): CpaasError =>
  new CpaasError('HOST.FILE', `${name}: ${path} cannot be read`, {
    evidence: [{ label: 'answer', text: stderr.trim() }],
  });
