/** A size for people: `57.3 MiB`, `12 KiB`. */
export function bytes(size: number): string {
  if (size >= 1024 * 1024) return `${(size / 1024 / 1024).toFixed(1)} MiB`;
  return size >= 1024 ? `${Math.round(size / 1024)} KiB` : `${size} bytes`;
}

/** How far a download is: `45 % of 57.3 MiB`; how much has come where nobody knows the whole. */
export const received = ({
  received: come,
  total,
}: {
  readonly received: number;
  readonly total?: number | undefined;
}): string => (total ? `${Math.floor((come / total) * 100)} % of ${bytes(total)}` : bytes(come));
