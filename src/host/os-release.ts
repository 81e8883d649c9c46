/** What a Linux says of itself in /etc/os-release: os-release(5). */
export interface OsRelease {
  /** `debian`, `ubuntu`. */
  readonly id: string;
  /** `12`, `24.04`; empty where there is none, as on Debian's testing. */
  readonly version: string;
  /** `bookworm`, `noble`. */
  readonly codename: string;
  /** `Debian GNU/Linux 12 (bookworm)`. */
  readonly name: string;
}

export function parseOsRelease(text: string): OsRelease {
  const fields = new Map(
    text.split('\n').flatMap((line) => {
      const [, key, value] = /^([A-Z_]+)=(.*)$/.exec(line.trim()) ?? [];
      return key === undefined ? [] : [[key, (value ?? '').replace(/^(["'])(.*)\1$/, '$2')] as const];
    }),
  );
  const field = (key: string) => fields.get(key) ?? '';
  return {
    id: field('ID'),
    version: field('VERSION_ID'),
    // derivatives of Ubuntu take its packages
    codename: field('UBUNTU_CODENAME') || field('VERSION_CODENAME'),
    name: field('PRETTY_NAME') || field('NAME') || 'a system without a name',
  };
}

/** Releases that cpaas prepares hosts of. Ubuntu: those of today's standard support, and in between. */
const SUPPORTED: Readonly<Record<string, readonly string[]>> = {
  debian: ['12', '13'],
  ubuntu: ['22.04', '24.04', '24.10', '25.04', '25.10', '26.04'],
};

/** Why a host of this system is not prepared; nothing for one that is. */
export function unsupported({ id, version, name }: OsRelease): string | undefined {
  const releases = SUPPORTED[id];
  if (!releases) return `${name} is neither Debian nor Ubuntu`;
  return releases.includes(version)
    ? undefined
    : `${name} is none of the releases that cpaas knows: ${releases.join(', ')}`;
}
