import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Artifact } from '../core/artifacts.ts';
import { CpaasError } from '../core/errors.ts';
import { artifactNamed, keyOf } from './catalog.ts';

/** The lock file beside a cluster file. */
export const LOCK_FILE = 'cpaas.lock';

const HEAD = `# Digests of what cpaas has fetched and has no digest of its own for: recorded at first use, checked ever after.
# Commit it with the cluster file. To take a new one, remove its line.
`;

/** What the lock file says, by artifact. Throws `ARTIFACT.LOCK` for a line that says nothing. */
export class LockFile {
  readonly #path: string;
  readonly #known: Map<string, Line>;

  constructor(path: string) {
    this.#path = path;
    this.#known = parse(path);
  }

  get = (artifact: Artifact): string | undefined => this.#known.get(keyOf(artifact))?.sha256;

  /** The artifact that has this digest. */
  named = (sha256: string): Artifact | undefined =>
    [...this.#known.values()].find((line) => line.sha256 === sha256)?.artifact;

  /** Adds a line; what other runs have added meanwhile stays. */
  record(artifact: Artifact, sha256: string): void {
    if (this.get(artifact) === sha256) return;
    for (const [key, line] of parse(this.#path)) this.#known.set(key, line);
    this.#known.set(keyOf(artifact), { artifact, sha256 });
    const lines = [...this.#known].map(([key, line]) => `${key} ${line.sha256}\n`).sort();
    const temporary = `${this.#path}.${randomBytes(4).toString('hex')}`;
    try {
      writeFileSync(temporary, `${HEAD}${lines.join('')}`);
      renameSync(temporary, this.#path);
    } catch (cause) {
      throw new CpaasError('ARTIFACT.LOCK', `${this.#path} cannot be written`, {
        cause,
        next: [{ label: 'see the owner of that folder: digests are recorded beside the cluster file' }],
      });
    }
  }
}

interface Line {
  readonly artifact: Artifact;
  readonly sha256: string;
}

function parse(path: string): Map<string, Line> {
  const known = new Map<string, Line>();
  for (const [at, text] of read(path).split('\n').entries()) {
    const line = text.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, key = '', sha256 = ''] = /^(.+) ([0-9a-f]{64})$/.exec(line) ?? [];
    const artifact = artifactNamed(key);
    if (artifact === undefined)
      throw new CpaasError('ARTIFACT.LOCK', `${path}:${at + 1} is no line of a lock file`, {
        evidence: [{ label: 'line', text: line.slice(0, 200) }],
        next: [{ label: 'restore the file from version control, or remove the line: it is recorded anew' }],
      });
    known.set(keyOf(artifact), { artifact, sha256 });
  }
  return known;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new CpaasError('ARTIFACT.LOCK', `${path} cannot be read`, { cause: error });
  }
}
