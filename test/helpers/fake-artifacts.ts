import { createHash } from 'node:crypto';
import { artifactNamed, canonical, keyOf, programNamed } from '../../src/artifacts/catalog.ts';
import type { Artifact, ArtifactFile, Artifacts } from '../../src/core/artifacts.ts';

/** The artifacts given, by `kubectl 1.35.8 linux/amd64` or `helm:helm 3.18.4 linux/amd64`, each with its content. Others are a bug. */
export function fakeArtifacts(contents: Readonly<Record<string, string>> = {}): Artifacts {
  const contentOf = (artifact: Artifact): string => {
    const content = contents[keyOf(canonical(artifact))];
    if (content === undefined) throw new Error(`nobody is to ask for ${keyOf(artifact)}`);
    return content;
  };
  const file = async (artifact: Artifact): Promise<ArtifactFile> => {
    const bytes = Buffer.from(contentOf(artifact));
    return {
      path: `/cache/${sha256(bytes)}`,
      sha256: sha256(bytes),
      size: bytes.length,
      open: async function* () {
        yield bytes;
      },
    };
  };
  return {
    file,
    digest: async (artifact) => (await file(artifact)).sha256,
    text: async (artifact) => contentOf(artifact),
    identify: async (digest) => {
      const [key] = Object.entries(contents).find(([, content]) => sha256(content) === digest) ?? [];
      return key === undefined ? undefined : artifactNamed(key);
    },
    program: programNamed,
    images: async () => [],
    imageNames: async () => new Map(),
  };
}

/** The digest of a text or of bytes, as artifacts have it. */
export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
