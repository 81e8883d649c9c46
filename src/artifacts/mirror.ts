/**
 * Where a file is on a mirror: the publisher's host and path below the mirror's own, so that `wget -x` or a caching proxy makes one.
 * `https://dl.k8s.io/release/…` is `https://mirror.example/cpaas/dl.k8s.io/release/…`.
 */
export function onMirror(url: string, mirror: string | undefined): string {
  if (mirror === undefined) return url;
  const { host, pathname, search } = new URL(url);
  return `${mirror.replace(/\/+$/, '')}/${host}${pathname}${search}`;
}
