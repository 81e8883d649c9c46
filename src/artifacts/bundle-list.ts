import { z } from 'zod';
import { API_VERSION } from '../core/documents.ts';
import { CpaasError } from '../core/errors.ts';
import { canonical, nameOf, PlatformName, Sha256, sourceOf } from './catalog.ts';

/** The first entry of a bundle. */
export const LIST = 'bundle.json';

/** What a bundle says of itself: every artifact with its digest, and every file in it, which stands at `sha256/<digest>`. */
export const BundleList = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('Bundle'),
  /** The cluster it was made for. */
  cluster: z.string(),
  artifacts: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string(),
      platform: PlatformName,
      /** A program in the archive of this name and version. */
      program: z.string().exactOptional(),
      sha256: Sha256,
    }),
  ),
  /** Image archives, by the names that their files had. */
  images: z.array(z.strictObject({ name: z.string(), sha256: Sha256 })),
  files: z.array(z.strictObject({ sha256: Sha256, size: z.number().int().min(0) })),
});
export type BundleList = z.infer<typeof BundleList>;
export type BundledArtifact = BundleList['artifacts'][number];

/** Where a file is in a bundle. Nothing is ever written by the name of an entry. */
export const entryNameOf = (sha256: string): string => `sha256/${sha256}`;

/** The list as its text says. Rejects with `ARTIFACT.BUNDLE` one that is none, or that has another digest than the catalog pins. */
export function parseList(text: string, path: string): BundleList {
  let list: BundleList;
  try {
    list = BundleList.parse(JSON.parse(text));
  } catch (cause) {
    throw notABundle(path, 'its list cannot be understood', cause);
  }
  const inside = new Set(list.files.map(({ sha256 }) => sha256));
  for (const artifact of list.artifacts) {
    const { pinned, member } = sourceOf(canonical(artifact));
    if (member === undefined && pinned !== undefined && pinned !== artifact.sha256)
      throw notABundle(path, `its ${nameOf(artifact)} is not the one that the catalog pins`);
    if (member === undefined && !inside.has(artifact.sha256))
      throw notABundle(path, `${nameOf(artifact)} is not in it`);
  }
  for (const { name, sha256 } of list.images)
    if (!inside.has(sha256)) throw notABundle(path, `the image archive ${name} is not in it`);
  return list;
}

export const notABundle = (path: string, why: string, cause?: unknown): CpaasError =>
  new CpaasError('ARTIFACT.BUNDLE', `${path} cannot be used as a bundle: ${why}`, {
    cause,
    next: [{ label: 'bring it over again, or make another one', command: 'cpaas bundle create' }],
  });
