import { expect, test } from 'vitest';
import { age } from '../../../../src/lab/kube/objects/columns.ts';
import { parsePath } from '../../../../src/lab/kube/server/path.ts';

test.for([
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [200, '3m20s'],
  [1020, '17m'],
  [4 * 3600 + 120, '4h2m'],
  [30 * 3600, '30h'],
  [12 * 86_400, '12d'],
] as const)('%d seconds ago is %s, as kubectl shortens it', ([seconds, text]) => {
  const now = Date.parse('2026-11-22T23:00:00Z');
  expect(age(new Date(now - seconds * 1000).toISOString(), now)).toBe(text);
});

test.for([
  ['/api/v1/nodes', { group: '', version: 'v1', plural: 'nodes' }],
  ['/api/v1/namespaces/demo', { group: '', version: 'v1', plural: 'namespaces', name: 'demo' }],
  [
    '/api/v1/namespaces/demo/pods/web/exec',
    { group: '', version: 'v1', namespace: 'demo', plural: 'pods', name: 'web', subresource: 'exec' },
  ],
  [
    '/apis/projectcalico.org/v3/bgppeers/x',
    { group: 'projectcalico.org', version: 'v3', plural: 'bgppeers', name: 'x' },
  ],
] as const)('%s is about objects', ([path, asked]) => {
  expect(parsePath(path)).toEqual({ what: 'objects', ...asked });
});

test.for(['/', '/api', '/api/v1', '/apis', '/apis/apps/v1', '/version', '/openapi/v3/apis/apps/v1'])(
  '%s is a document',
  (path) => {
    expect(parsePath(path)).toEqual({ what: 'document', path });
  },
);
