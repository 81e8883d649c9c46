/** `linux/amd64`; `any` for what is the same everywhere, such as a manifest. */
export type Platform = 'linux/amd64' | 'linux/arm64' | 'darwin/amd64' | 'darwin/arm64' | 'any';

/** A release of something in the catalog (`catalog/`): a program, an archive, a manifest, images. */
export interface Artifact {
  /** `kubectl`, `containerd`, `calico-manifest`. */
  readonly name: string;
  /** As published, with or without the `v` before it: `1.35.8`, `v3.31.7`, `1.35.5+k3s1`. */
  readonly version: string;
  readonly platform: Platform;
  /** One program of it: `ctr` of containerd. The whole as it is published when left out. */
  readonly program?: string;
}

/** What a cluster needs, whatever its hosts are: a program by its own name, or anything else by the catalog's. */
export type ArtifactNeed =
  | { readonly program: string; readonly version: string }
  | { readonly name: string; readonly version: string };

/** Bytes that are too many to hold. They may be asked for again from the start. */
export interface Content {
  /** Bytes. */
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
}

/** A file on this machine whose digest was checked. It is the cache's: to be read, never changed or moved. */
export interface ArtifactFile extends Content {
  readonly path: string;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Image archives as `docker save` or `ctr images export` write them, by the name that the file had. */
export interface ImageArchive extends ArtifactFile {
  readonly name: string;
}

/**
 * Where programs, manifests and images come from: the cache, a bundle, a mirror, the publishers. Nothing here changes a host. Rejects
 * with `ARTIFACT.…`: a digest that is wrong, a server out of reach, a disk that is full are told each by its own code.
 */
export interface Artifacts {
  /**
   * What the sha256 of an artifact must be: pinned in the catalog, else recorded in `cpaas.lock`, else as published. For a program in an
   * archive whose digest nobody has recorded yet, the archive is fetched.
   */
  digest(artifact: Artifact): Promise<string>;
  /** The artifact, fetched unless it is here, and checked. */
  file(artifact: Artifact): Promise<ArtifactFile>;
  /** The same of a text. */
  text(artifact: Artifact): Promise<string>;
  /** The artifact that has this digest, where the catalog, the lock file or the cache knows. */
  identify(sha256: string): Promise<Artifact | undefined>;
  /** The artifact that a program of this name is, or is in. Throws `ARTIFACT.UNKNOWN` where the catalog has none. */
  program(name: string, version: string, platform: Platform): Artifact;
  /** The image archives of the bundle in use; none without one. */
  images(): Promise<readonly ImageArchive[]>;
  /** The names of all images in them, each with the digest of its archive. */
  imageNames(): Promise<ReadonlyMap<string, string>>;
}
