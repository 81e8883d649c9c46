/**
 * The digest of one file in what a publisher gives out: the digest alone, or lines of `sha256sum`, whose names may have folders before
 * them. Nothing where the text does not tell.
 */
export function digestIn(text: string, fileName: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const rows = lines.flatMap((line) => {
    const [, digest = '', name] = /^([0-9a-fA-F]{64})(?:\s+\*?(\S+))?$/.exec(line) ?? [];
    return digest ? [{ digest: digest.toLowerCase(), name }] : [];
  });
  const named = rows.find(({ name }) => name?.split('/').at(-1) === fileName);
  if (named) return named.digest;
  const [only, ...others] = rows;
  return only && others.length === 0 && only.name === undefined ? only.digest : undefined;
}
