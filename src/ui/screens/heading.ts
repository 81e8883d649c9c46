import { spread } from '../text/columns.ts';
import type { View } from '../text/renderer.ts';
import { count } from '../text/words.ts';

/** What a screen says of its cluster first. */
export interface Heading {
  readonly cluster: string;
  /** `k3d`, `lab (vm)`. */
  readonly provider: string;
  /** Nothing where only the cluster itself could tell. */
  readonly nodes?: number;
  readonly routers: number;
  /** The cluster file as the user named it; none when only the state is known. */
  readonly file?: string;
}

/** `cpaas1 · lab (vm) · 4 nodes, 1 router        from cpaas.yaml` */
export function headingLines(
  { cluster, provider, nodes, routers, file }: Heading,
  { style, width }: View,
): readonly string[] {
  const size = [...(nodes === undefined ? [] : [count(nodes, 'node')]), count(routers, 'router')].join(', ');
  const what = [provider, size].filter(Boolean).join(' · ');
  return spread(`${style.strong(cluster)} · ${what}`, file ? style.dim(`from ${file}`) : '', Math.min(width, 100));
}
