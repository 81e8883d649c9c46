import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { CACHE } from './cache.ts';

const run = (program: string, args: readonly string[], cwd?: string): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...(cwd ? { cwd } : {}) });

/** Packages of Debian with what they need beyond a root file system, fetched once from where this computer takes its own. */
export function debianPackages(names: readonly string[], image: string): readonly string[] {
  const hash = createHash('sha256')
    .update(`${image} ${names.join(' ')}`)
    .digest('hex')
    .slice(0, 12);
  const folder = join(CACHE, `debs-${hash}`);
  if (!existsSync(folder)) {
    const making = mkdtempSync(join(CACHE, '.debs-'));
    mkdirSync(join(making, 'partial'));
    run('apt-get', ['-q', 'update']);
    run('apt-get', [
      ...['-q', '-y', '--download-only', '--no-install-recommends'],
      ...['-o', `Dir::State::status=${image}/var/lib/dpkg/status`, '-o', `Dir::Cache::archives=${making}`],
      ...['-o', `Dir::State::extended_states=${image}/var/lib/apt/extended_states`, '-o', 'Debug::NoLocking=true'],
      ...['install', ...names],
    ]);
    rmSync(join(making, 'partial'), { recursive: true });
    rmSync(join(making, 'lock'), { force: true });
    renameSync(making, folder);
  }
  return readdirSync(folder)
    .filter((name) => name.endsWith('.deb'))
    .map((name) => join(folder, name));
}

export interface StandIn {
  readonly name: string;
  readonly version: string;
  readonly depends?: readonly string[];
  readonly conflicts?: readonly string[];
  /** Contents by path; programs are those in a folder called bin or sbin. */
  readonly files?: Readonly<Record<string, string>>;
  /** Big files of this computer by path: programs that are real. Nothing is packed then. */
  readonly copies?: Readonly<Record<string, string>>;
  readonly conffiles?: readonly string[];
  /** Maintainer scripts by name: postinst, prerm, postrm. */
  readonly scripts?: Readonly<Record<string, string>>;
}

/** A package that has the name and the manners of one that cannot be had here. Gives its file. */
export function standIn(
  folder: string,
  { name, version, depends = [], conflicts = [], files = {}, copies = {}, ...other }: StandIn,
): string {
  const tree = mkdtempSync(join(tmpdir(), 'cpaas-deb-'));
  const put = (path: string, content: string, mode: number): void => {
    mkdirSync(dirname(join(tree, path)), { recursive: true, mode: 0o755 });
    writeFileSync(join(tree, path), content, { mode });
  };
  for (const [path, content] of Object.entries(files)) put(path, content, /\/s?bin\//.test(path) ? 0o755 : 0o644);
  for (const [path, source] of Object.entries(copies)) {
    put(path, '', 0o755);
    copyFileSync(source, join(tree, path));
  }
  const control = {
    Package: name,
    Version: version,
    Architecture: 'all',
    Maintainer: 'Test <test@example.com>',
    ...(depends.length > 0 ? { Depends: depends.join(', ') } : {}),
    ...(conflicts.length > 0 ? { Conflicts: conflicts.join(', ') } : {}),
    Description: 'stand-in',
  };
  put(
    'DEBIAN/control',
    Object.entries(control)
      .map(([field, value]) => `${field}: ${value}\n`)
      .join(''),
    0o644,
  );
  if (other.conffiles) put('DEBIAN/conffiles', other.conffiles.map((path) => `${path}\n`).join(''), 0o644);
  for (const [script, text] of Object.entries(other.scripts ?? {}))
    put(`DEBIAN/${script}`, `#!/bin/sh\nset -e\n${text}\n`, 0o755);
  mkdirSync(folder, { recursive: true });
  const out = join(folder, `${name}_${version.replace(/^\d+:/, '')}_all.deb`);
  run('dpkg-deb', [
    '--root-owner-group',
    ...(Object.keys(copies).length > 0 ? ['-Znone'] : ['-Zgzip', '-z1']),
    '--build',
    tree,
    out,
  ]);
  rmSync(tree, { recursive: true });
  return out;
}

/** A signing key, as a publisher of packages has one. */
export interface SigningKey {
  readonly home: string;
  readonly fingerprint: string;
  /** The public half, armored. */
  readonly armored: string;
}

export function signingKey(owner: string): SigningKey {
  const home = mkdtempSync(join(tmpdir(), 'cpaas-gpg-'));
  const gpg = (...args: readonly string[]) => run('gpg', ['--homedir', home, '--batch', '-q', ...args]);
  gpg('--passphrase', '', '--quick-generate-key', owner, 'ed25519', 'sign', 'never');
  const fingerprint = /^fpr:+([0-9A-F]{40})/m.exec(gpg('--with-colons', '--list-keys'))?.[1] ?? '';
  return { home, fingerprint, armored: gpg('--armor', '--export') };
}

/** Where packages are in a repository: `dists/SUITE/COMPONENT`, or all in one folder. */
export interface Layout {
  readonly suite: string;
  readonly component: string;
}

/** Makes (anew) a signed repository out of packages. */
export function writeRepository(folder: string, debs: readonly string[], key: SigningKey, layout?: Layout): void {
  rmSync(folder, { recursive: true, force: true });
  const pool = layout ? join(folder, 'pool') : folder;
  mkdirSync(pool, { recursive: true });
  for (const deb of debs) copyFileSync(deb, join(pool, basename(deb)));
  const packages = run('dpkg-scanpackages', ['--multiversion', layout ? 'pool' : '.'], folder);
  const top = layout ? join(folder, 'dists', layout.suite) : folder;
  const at = layout ? join(layout.component, 'binary-amd64', 'Packages') : 'Packages';
  mkdirSync(dirname(join(top, at)), { recursive: true });
  writeFileSync(join(top, at), packages);
  const size = Buffer.byteLength(packages);
  const digest = createHash('sha256').update(packages).digest('hex');
  const release = [
    ...(layout ? [`Suite: ${layout.suite}`, `Codename: ${layout.suite}`, `Components: ${layout.component}`] : []),
    'Architectures: amd64 all',
    `Date: ${new Date().toUTCString()}`,
    'SHA256:',
    ` ${digest} ${size} ${at}`,
  ];
  writeFileSync(join(top, 'Release'), `${release.join('\n')}\n`);
  run('gpg', [
    '--homedir',
    key.home,
    '--batch',
    '-q',
    '--clearsign',
    '-o',
    join(top, 'InRelease'),
    join(top, 'Release'),
  ]);
}

/** Ends the agent that gpg started for a key, and forgets the key. */
export function forgetKey({ home }: SigningKey): void {
  run('gpgconf', ['--homedir', home, '--kill', 'gpg-agent']);
  rmSync(home, { recursive: true, force: true });
}
