import { createReadStream, createWriteStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import type { ArtifactFile } from '../core/artifacts.ts';
import { CpaasError } from '../core/errors.ts';
import { keeping } from './failures.ts';

/** Writes one file of a `.tar.gz` to `to`. Rejects with `ARTIFACT.ARCHIVE` where there is none of that name, or it is no such archive. */
export async function extractMember(archive: ArtifactFile, name: string, member: string, to: string): Promise<void> {
  // loaded where it is used: every command would pay for it otherwise
  const { extract } = await import('tar-stream');
  const tar = extract();
  const unpacking = pipeline(createReadStream(archive.path), createGunzip(), tar);
  // Told where the loop below ends; until then nobody listens.
  unpacking.catch(() => {});
  let found = false;
  try {
    for await (const entry of tar) {
      if (!found && entry.header.type === 'file' && plain(entry.header.name) === member) {
        found = true;
        await keeping(to, () => pipeline(entry, createWriteStream(to, { mode: 0o600 })));
      } else entry.resume();
    }
    await unpacking;
  } catch (cause) {
    if (cause instanceof CpaasError) throw cause;
    throw broken(name, `it cannot be unpacked: ${(cause as Error).message}`, cause);
  }
  if (!found) throw broken(name, `there is no ${member} in it`);
}

const Manifest = z.array(z.object({ RepoTags: z.array(z.string()).nullish() }));

/** The names of the images in an archive as `docker save` and `ctr images export` write it, in full. Rejects with `ARTIFACT.ARCHIVE`. */
export async function namesInArchive(path: string, name: string): Promise<readonly string[]> {
  const { extract } = await import('tar-stream');
  const tar = extract();
  const reading = pipeline(createReadStream(path), tar);
  reading.catch(() => {});
  let manifest: string | undefined;
  try {
    for await (const entry of tar)
      if (plain(entry.header.name) === 'manifest.json') manifest = await text(entry);
      else entry.resume();
    await reading;
    if (manifest !== undefined)
      return Manifest.parse(JSON.parse(manifest))
        .flatMap(({ RepoTags }) => RepoTags ?? [])
        .map(inFull);
  } catch (cause) {
    throw broken(name, `it cannot be read: ${(cause as Error).message}`, cause);
  }
  throw broken(name, 'there is no manifest.json in it: make it with docker save, or ctr images export');
}

/** As containerd has it: `busybox` is `docker.io/library/busybox:latest`. Docker leaves out what is so anyway. */
function inFull(name: string): string {
  const [first = '', ...rest] = name.split('/');
  const registry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io';
  const path = registry === first && rest.length > 0 ? rest.join('/') : name;
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  return `${registry}/${repository}${/[:@]/.test(path) ? '' : ':latest'}`;
}

const plain = (path: string): string => path.replace(/^(\.\/)+/, '');

const broken = (name: string, why: string, cause?: unknown): CpaasError =>
  new CpaasError('ARTIFACT.ARCHIVE', `${name} is not the archive that it should be: ${why}`, {
    cause,
    next: [{ label: 'see that this version is laid out as those of the catalog are; another version may do' }],
  });
