/** What a request path asks for. */
export type Asked =
  | { readonly what: 'document'; readonly path: string }
  | {
      readonly what: 'objects';
      readonly group: string;
      readonly version: string;
      readonly plural: string;
      readonly namespace?: string;
      readonly name?: string;
      readonly subresource?: string;
    };

/**
 * Reads a path of the API: `/api/v1/namespaces/kube-system/pods/x/exec`, `/apis/apps/v1/daemonsets`. Everything shorter is a
 * document: discovery, OpenAPI, health.
 */
export function parsePath(path: string): Asked {
  const parts = path.split('/').slice(1).map(decodeURIComponent);
  const isCore = parts[0] === 'api';
  const [group = '', version = '', ...rest] = isCore ? ['', ...parts.slice(1)] : parts.slice(1);
  if ((!isCore && parts[0] !== 'apis') || rest.filter((part) => part !== '').length === 0)
    return { what: 'document', path };
  const [first = '', second, third, ...more] = rest;
  // `/namespaces/x/pods` are pods; `/namespaces/x` and its subresources are the namespace itself.
  if (
    first === 'namespaces' &&
    second !== undefined &&
    third !== undefined &&
    !['status', 'finalize'].includes(third)
  ) {
    return { what: 'objects', group, version, namespace: second, ...objectPart([third, ...more]) };
  }
  return { what: 'objects', group, version, ...objectPart(rest) };
}

function objectPart([plural = '', name, subresource]: readonly string[]) {
  return { plural, ...(name && { name }), ...(subresource && { subresource }) };
}
