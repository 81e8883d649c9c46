import { createHash } from 'node:crypto';
import type { FakeMachine, FakeProgram } from './fake-host.ts';
import { Power } from './fake-host.ts';

export interface FakePackage {
  readonly version: string;
  held?: boolean;
  /** Brought along by another. */
  auto?: boolean;
}

export interface FakeFile {
  content?: string;
  readonly folder?: true;
  mode: string;
  owner: string;
}

export interface Archive {
  /** Versions that the sources have, newest last. */
  readonly versions: readonly string[];
  readonly depends?: readonly string[];
}

export interface FakeDebianOptions {
  readonly files?: Readonly<Record<string, string>>;
  readonly folders?: readonly string[];
  readonly packages?: Readonly<Record<string, FakePackage>>;
  readonly archive?: Readonly<Record<string, Archive>>;
  readonly services?: Readonly<Record<string, { enabled: boolean; active: boolean }>>;
  /** Contents by URL. */
  readonly web?: Readonly<Record<string, string>>;
  readonly more?: FakeMachine['programs'];
}

/** A Debian host that fails where the real tools fail. Every change that the real one makes whole spends the power once. */
export function fakeDebian(name: string, options: FakeDebianOptions = {}) {
  const power = new Power();
  const tree = new Map<string, FakeFile>();
  for (const path of ['/etc/', '/run/', ...(options.folders ?? [])])
    tree.set(path, { folder: true, mode: '755', owner: 'root:root' });
  for (const [path, content] of Object.entries(options.files ?? {}))
    tree.set(path, { content, mode: path.includes('/bin/') ? '755' : '644', owner: 'root:root' });
  const packages = new Map(Object.entries(options.packages ?? {}).map(([key, value]) => [key, { ...value }]));
  const services = new Map(Object.entries(options.services ?? {}).map(([key, value]) => [key, { ...value }]));
  const archive = options.archive ?? {};

  const at = (path: string): FakeFile | undefined =>
    tree.get(path) ?? tree.get(`${path}/`) ?? tree.get(path.replace(/\/$/, ''));
  const keyOf = (path: string): string =>
    tree.has(path) ? path : tree.has(`${path}/`) ? `${path}/` : path.replace(/\/$/, '');
  const inside = (path: string): readonly string[] => {
    const base = path.replace(/\/*$/, '/');
    return [...tree.keys()].filter(
      (each) => each !== base && each.startsWith(base) && !each.slice(base.length, -1).includes('/'),
    );
  };
  const put = (path: string, file: FakeFile): void => {
    power.spend();
    tree.set(path, file);
  };
  const missing = (program: string, path: string) => ({
    code: 1,
    stderr: `${program}: ${path}: No such file or directory\n`,
  });
  const plain = (args: readonly string[]) => args.filter((word) => !word.startsWith('-'));

  const depends = (names: readonly string[]): readonly string[] => [
    ...new Set(names.flatMap((each) => [...(archive[each]?.depends ?? []), ...depends(archive[each]?.depends ?? [])])),
  ];
  const autoremovable = (without: readonly string[]): readonly string[] => {
    const manual = [...packages].filter(([key, { auto }]) => !auto && !without.includes(key)).map(([key]) => key);
    const needed = depends(manual);
    return [...packages].filter(([key, { auto }]) => auto && !needed.includes(key)).map(([key]) => key);
  };
  const install = (wanted: readonly string[], args: readonly string[]) => {
    for (const each of wanted) {
      const [key = '', version] = each.split('=');
      const there = packages.get(key);
      const known = archive[key]?.versions ?? [];
      if (known.length === 0) return { code: 100, stderr: `E: Unable to locate package ${key}\n` };
      if (version && !known.includes(version))
        return { code: 100, stderr: `E: Version '${version}' for '${key}' was not found\n` };
      if (there && (version === undefined || args.includes('--no-upgrade'))) continue;
      if (there?.held && !args.includes('--allow-change-held-packages'))
        return { code: 100, stderr: 'E: Held packages were changed\n' };
      for (const along of depends([key]))
        if (!packages.has(along)) {
          power.spend();
          packages.set(along, { version: archive[along]?.versions.at(-1) ?? '1', auto: true });
        }
      power.spend();
      packages.set(key, { version: version ?? known.at(-1) ?? '' });
    }
    return '';
  };

  const programs: Record<string, FakeProgram> = {
    env: (args, stdin) => {
      const [program = '', ...rest] = args.slice(args.findIndex((word) => !word.includes('=')));
      return programs[program]?.(rest, stdin) ?? { code: 127, stderr: `${program}: command not found\n` };
    },
    sha256sum: (args) => {
      const paths = plain(args);
      const sum = (path: string) =>
        createHash('sha256')
          .update(at(path)?.content ?? '')
          .digest('hex');
      const stdout = paths.map((path) => (at(path) ? `${sum(path)}  ${path}\n` : '')).join('');
      return paths.every(at) ? stdout : { ...missing('sha256sum', paths.find((path) => !at(path)) ?? ''), stdout };
    },
    stat: (args) => {
      if (args.includes('-L')) {
        const paths = args.slice(args.indexOf('--') + 1);
        const stdout = paths.map((path) => (at(path) ? `${at(path)?.mode} ${path}\n` : '')).join('');
        return paths.every(at) ? stdout : { ...missing('stat', paths.find((path) => !at(path)) ?? ''), stdout };
      }
      const path = args.at(-1) ?? '';
      const file = at(path);
      if (!file) return missing('stat', path);
      return `${file.mode} ${file.owner} ${file.folder ? 'directory' : file.content === '' ? 'regular empty file' : 'regular file'}\n`;
    },
    cat: (args) => {
      const path = args.at(-1) ?? '';
      const file = at(path);
      if (!file) return missing('cat', path);
      return file.folder ? { code: 1, stderr: `cat: ${path}: Is a directory\n` } : (file.content ?? '');
    },
    // as `grep -rsHv`: every file below, each line with its file
    grep: (args) => {
      const [flags = '', pattern = '', ...places] = args;
      const wanted = new RegExp(pattern);
      const files = [...tree].filter(([path]) =>
        places.some((place) => path === place || path.startsWith(`${place}/`)),
      );
      const lines = files.flatMap(([path, { content = '' }]) =>
        content
          .replace(/\n$/, '')
          .split('\n')
          .flatMap((line) => (wanted.test(line) !== flags.includes('v') ? [`${path}:${line}\n`] : [])),
      );
      return lines.length > 0 ? lines.join('') : { code: places.every((place) => at(place)) ? 1 : 2, stderr: '' };
    },
    ls: (args) => {
      const path = args.at(-1) ?? '';
      const file = at(path);
      if (!file) return { ...missing('ls', path), code: 2 };
      return inside(path)
        .map((each) => `${each.replace(/\/$/, '').split('/').at(-1)}\n`)
        .join('');
    },
    mkdir: (args) => {
      const path = (args.at(-1) ?? '').replace(/\/*$/, '/');
      if (!tree.has(path)) put(path, { folder: true, mode: args[args.indexOf('-m') + 1] ?? '755', owner: 'root:root' });
      return '';
    },
    rmdir: (args) => {
      const path = args.at(-1) ?? '';
      if (!at(path)) return missing('rmdir', path);
      if (inside(path).length > 0)
        return { code: 1, stderr: `rmdir: failed to remove '${path}': Directory not empty\n` };
      power.spend();
      tree.delete(keyOf(path));
      return '';
    },
    rm: (args) => {
      for (const path of plain(args))
        if (at(path)) {
          power.spend();
          tree.delete(keyOf(path));
        }
      return '';
    },
    chown: (args) => {
      const [owner = '', path = ''] = plain(args);
      const file = at(path);
      if (!file) return missing('chown', path);
      power.spend();
      file.owner = owner;
      return '';
    },
    install: (args) => {
      const [mode = '644', from = '', to = ''] = plain(args);
      const file = at(from);
      if (!file) return missing('install', from);
      put(to, { content: file.content ?? '', mode, owner: 'root:root' });
      return '';
    },
    '/usr/lib/apt/apt-helper': (args) => {
      const [url = '', path = ''] = args.slice(args.indexOf('download-file') + 1);
      const content = options.web?.[url];
      if (content === undefined) return { code: 100, stderr: `E: Failed to fetch ${url}  404  Not Found\n` };
      put(path, { content, mode: '644', owner: 'root:root' });
      return '';
    },

    'dpkg-query': (args) => {
      const names = args.slice(3);
      const known = names.flatMap((key) => {
        const found = packages.get(key);
        return found ? [`${key}\t${found.held ? 'h' : 'i'}i \t${found.version}\n`] : [];
      });
      const unknown = names.filter((key) => !packages.has(key));
      return {
        stdout: known.join(''),
        stderr: unknown.map((key) => `dpkg-query: no packages found matching ${key}\n`).join(''),
        code: unknown.length > 0 ? 1 : 0,
      };
    },
    'apt-mark': ([verb = '', ...names]) => {
      for (const key of names) {
        const found = packages.get(key);
        if (!found) return { code: 100, stderr: `E: Unable to locate package ${key}\n` };
        power.spend();
        if (verb === 'hold') found.held = true;
        else delete found.held;
      }
      return '';
    },
    'apt-get': (args) => {
      const verb = args.find((word) => ['update', 'install', 'purge', 'remove', 'autoremove'].includes(word));
      const names = args.slice(args.indexOf('--') + 1);
      if (verb === 'update') return '';
      if (verb === 'install') return install(names, args);
      const going = verb === 'purge' || verb === 'remove' ? names : [];
      const along = verb === 'autoremove' || args.includes('--auto-remove') ? autoremovable(going) : [];
      if (args.includes('-s')) return [...going, ...along].map((key) => `Purg ${key} [1]\n`).join('');
      for (const key of [...going, ...along]) {
        if (!packages.has(key)) continue;
        power.spend();
        packages.delete(key);
      }
      return '';
    },
    dpkg: (args) => (args[0] === '--print-architecture' ? 'amd64\n' : ''),
    systemctl: ([verb = '', ...args]) => {
      const units = plain(args).filter((word) => word !== '--');
      if (verb === 'show')
        return units
          .map((unit) => {
            const state = services.get(unit);
            return `LoadState=${state ? 'loaded' : 'not-found'}\nActiveState=${state?.active ? 'active' : 'inactive'}\nUnitFileState=${state ? (state.enabled ? 'enabled' : 'disabled') : ''}\n`;
          })
          .join('\n');
      for (const unit of units) {
        const state = services.get(unit);
        if (!state) return { code: 5, stderr: `Failed to ${verb} ${unit}: Unit ${unit} not found.\n` };
        power.spend();
        if (verb === 'enable' || verb === 'disable') state.enabled = verb === 'enable';
        if (verb === 'start' || verb === 'stop') state.active = verb === 'start';
      }
      return '';
    },
    journalctl: () => '',
    ...options.more,
  };
  const machine: FakeMachine = {
    name,
    programs,
    disk: {
      read: (path) => at(path)?.content,
      write: (path, content, mode) => {
        if (!at(`${path.slice(0, path.lastIndexOf('/'))}/`)) throw new Error(`${path}: No such file or directory`);
        tree.set(path, { content, mode: mode.toString(8), owner: 'root:root' });
      },
    },
  };
  const sorted = <T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] =>
    [...map].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return {
    name,
    power,
    machine,
    machines: { [name]: machine },
    tree,
    packages,
    services,
    dump: () => structuredClone({ tree: sorted(tree), packages: sorted(packages), services: sorted(services) }),
  };
}
