import { dump, loadAll } from 'js-yaml';
import { z } from 'zod';
import { CpaasError } from '../core/errors.ts';

/** An object of a manifest as it was read: what nobody asks about is kept as it is. */
export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly [field: string]: unknown;
}

const Head = z.object({ apiVersion: z.string(), kind: z.string(), metadata: z.object({ name: z.string() }) });

/** The objects of a manifest of one or more documents, in their order; empty documents are none. Rejects with `KUBE.MANIFEST`. */
export function parseManifest(text: string): readonly ManifestObject[] {
  const objects = documents(text).filter((document) => document !== null && document !== undefined);
  const wrong = objects.find((object) => !Head.safeParse(object).success);
  if (objects.length === 0 || wrong !== undefined)
    throw notAManifest(wrong === undefined ? 'nothing in it' : JSON.stringify(wrong).slice(0, 80));
  return objects as ManifestObject[];
}

function documents(text: string): readonly unknown[] {
  try {
    return loadAll(text);
  } catch (error) {
    throw notAManifest(error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : `${error}`);
  }
}

const notAManifest = (found: string): CpaasError =>
  new CpaasError('KUBE.MANIFEST', 'what should be a manifest has no Kubernetes objects in it', {
    evidence: [{ label: 'found', text: found }],
    next: [{ label: 'see whether it is what the publisher offers, or a page that a proxy put in its place' }],
  });

/** A manifest that kubectl and k3s read, with a first line for the person who finds it. */
export const printManifest = (objects: readonly ManifestObject[], comment: string): string =>
  `# ${comment}\n${objects.map((object) => `---\n${dump(object, { noRefs: true, lineWidth: -1 })}`).join('')}`;
