import { dump } from 'js-yaml';
import type { Fields, KubeObject } from '../../kube/objects/object.ts';
import { Failure } from './failure.ts';
import type { ResourceType } from './resources.ts';

/** What `get` found: for each name an object, or everything of a type as a list. */
export type Found =
  | { readonly what: 'objects'; readonly objects: readonly KubeObject[] }
  | { readonly what: 'list'; readonly items: readonly KubeObject[]; readonly resourceVersion: string };

/** The output of `calicoctl get`. @throws Failure for a format that there is not */
export function print(type: ResourceType, found: Found, output: string, asNumber: string): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(document(type, found), null, 2)}\n`;
    case 'yaml':
    case 'yml':
      return dump(document(type, found), { sortKeys: true, seqNoIndent: true, lineWidth: -1, quoteStyle: 'double' });
    case 'ps':
      return tables(type, found, type.headings, asNumber);
    case 'wide':
      return tables(type, found, type.wideHeadings, asNumber);
  }
  const headings = /^custom-columns=(.+)$/.exec(output)?.[1]?.split(',');
  if (headings === undefined) throw new Failure(`unrecognized output format '${output}'`);
  return tables(type, found, headings, asNumber);
}

function document({ kind }: ResourceType, found: Found): unknown {
  if (found.what === 'list') {
    const metadata = { resourceVersion: found.resourceVersion };
    return { kind: `${kind}List`, apiVersion: 'projectcalico.org/v3', metadata, items: found.items.map(ordered) };
  }
  const [only, ...more] = found.objects.map(ordered);
  // Go prints a slice that was never filled as null.
  return only === undefined ? null : more.length === 0 ? only : [only, ...more];
}

/** Fields in the order in which Go's structs have them. */
function ordered({ kind, apiVersion, metadata, ...body }: KubeObject): Fields {
  const { name, uid, resourceVersion, creationTimestamp, labels, annotations } = metadata;
  const known = { name, uid, resourceVersion, creationTimestamp, labels, annotations };
  return {
    kind,
    apiVersion,
    metadata: Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    ...body,
  };
}

/** One table for a list, one for each object; a blank line after each. */
function tables(type: ResourceType, found: Found, headings: readonly string[], asNumber: string): string {
  const groups = found.what === 'list' ? [found.items] : found.objects.map((object) => [object]);
  return groups.map((objects) => `${table(type, objects, headings, asNumber)}\n`).join('');
}

/** Cells as Go's tabwriter aligns them: at least 5 wide, 3 apart, the last column too. */
function table(
  { columns }: ResourceType,
  objects: readonly KubeObject[],
  headings: readonly string[],
  asNumber: string,
): string {
  const rows = objects.map((object) =>
    headings.map((heading) => {
      const column = columns[heading];
      if (column !== undefined) return column(object, asNumber);
      throw new Failure(`Unknown heading ${heading}, valid values are: ${Object.keys(columns).join(', ')}`);
    }),
  );
  const all = [headings, ...rows];
  const widths = headings.map((_, i) => Math.max(5, 3 + Math.max(...all.map((row) => row[i]?.length ?? 0))));
  return all.map((row) => `${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('')}\n`).join('');
}
