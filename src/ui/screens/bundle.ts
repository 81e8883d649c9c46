import { bytes } from '../text/bytes.ts';
import { table } from '../text/columns.ts';
import { type Renderer, renderer } from '../text/renderer.ts';
import { count } from '../text/words.ts';

/** What `cpaas bundle` says of one. */
export interface BundleDocument {
  readonly file: string;
  readonly cluster: string;
  readonly artifacts: readonly {
    readonly name: string;
    readonly version: string;
    readonly platform: string;
    readonly program?: string;
    readonly sha256: string;
  }[];
  readonly images: readonly { readonly name: string; readonly sha256: string }[];
  /** Bytes of all files in it. */
  readonly size: number;
}

/** What is in a bundle, and what to do with it. */
export const bundleText: Renderer<BundleDocument & { readonly verb: 'written' | 'loaded' }> = renderer(
  ({ file, artifacts, images, size, verb }, view) => {
    const { style } = view;
    const whole = artifacts.filter(({ program }) => program === undefined);
    const rows = [
      ...whole.map(({ name, version, platform, sha256 }) => [name, version, platform, sha256.slice(0, 12)]),
      ...images.map(({ name, sha256 }) => [name, '', 'images', sha256.slice(0, 12)]),
    ];
    const amount = [
      count(whole.length, 'artifact'),
      ...(images.length > 0 ? [count(images.length, 'image archive')] : []),
    ];
    return [
      ...(rows.length > 0 ? [...table(['NAME', 'VERSION', 'FOR', 'SHA256'], rows, view), ''] : []),
      `${style.done('✔')} ${file} is ${verb}: ${amount.join(', ')}, ${bytes(size)}.`,
      ...(verb === 'written' ? [`  cpaas up --bundle ${file}   needs no network`] : []),
    ];
  },
);
