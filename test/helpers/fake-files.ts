import { dirname } from 'node:path';
import type { Artifacts } from '../../src/core/artifacts.ts';
import { sha256 } from './fake-artifacts.ts';
import { type FakeMachine, Power } from './fake-host.ts';

interface Start {
  readonly folders: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** Of every file. */
  readonly mode?: string;
  readonly artifacts: Artifacts;
}

/** A machine with files in folders: what is not there cannot be listed, removed or written to. A file that speaks says its version. */
export function fakeFiles(host: string, { folders, files, mode = '755', artifacts }: Start) {
  const power = new Power();
  const there = new Set(folders);
  const content = new (class extends Map<string, string> {
    override set(path: string, text: string): this {
      if (!there.has(dirname(path)) && dirname(path) !== '/') throw new Error(`no folder for ${path}`);
      return super.set(path, text);
    }
  })();
  for (const [path, text] of Object.entries(files)) content.set(path, text);
  const bare = (path: string): string => path.replace(/(?<=.)\/$/, '');
  const inside = (path: string): readonly string[] =>
    [...there, ...content.keys()].filter((each) => dirname(each) === bare(path));
  const missing = (paths: readonly string[], tool: string) =>
    paths.filter((path) => !content.has(path)).map((path) => `${tool}: ${path}: No such file or directory\n`);
  const each = (paths: readonly string[], tool: string, line: (path: string) => string) => {
    const stderr = missing(paths, tool).join('');
    const stdout = paths.flatMap((path) => (content.has(path) ? [`${line(path)}\n`] : [])).join('');
    return { stdout, stderr, code: stderr ? 1 : 0 };
  };
  const says = (path: string) => ({ stdout: content.get(path) ?? '', code: content.has(path) ? 0 : 127 });
  const programs: FakeMachine['programs'] = {
    uname: () => 'Linux x86_64\n',
    ls: ([, , path = '']) =>
      there.has(bare(path))
        ? inside(path)
            .map((each) => `${each.slice(bare(path).length + 1)}\n`)
            .join('')
        : { code: 2, stderr: `ls: cannot access '${path}': No such file or directory\n` },
    sha256sum: ([, ...paths]) => each(paths, 'sha256sum', (path) => `${sha256(content.get(path) ?? '')}  ${path}`),
    stat: ([, , , , ...paths]) => each(paths, 'stat', (path) => `${mode} ${path}`),
    mkdir: ([, path = '']) => {
      if (!there.has(dirname(bare(path))) && dirname(bare(path)) !== '/') return { code: 1, stderr: 'no parent' };
      if (there.has(bare(path))) return '';
      power.spend();
      there.add(bare(path));
      return '';
    },
    rm: ([, , ...paths]) => {
      for (const path of paths) {
        power.spend();
        content.delete(path);
      }
      return '';
    },
    rmdir: ([, path = '']) => {
      if (inside(path).length > 0) return '';
      if (!there.has(bare(path))) return { code: 1, stderr: `rmdir: ${path}: No such file or directory\n` };
      power.spend();
      there.delete(bare(path));
      return '';
    },
    '/opt/cpaas/bin/kubectl': () => says('/opt/cpaas/bin/kubectl'),
    '/opt/cpaas/bin/helm': () => says('/opt/cpaas/bin/helm'),
  };
  return {
    machines: { [host]: { name: 'vm', programs, files: content } },
    power,
    artifacts,
    dump: () => ({ folders: [...there].sort(), files: [...content].sort() }),
  };
}
