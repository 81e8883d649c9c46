import { expect, test } from 'vitest';
import { jsonPatch, mergePatch, strategicMergePatch } from '../../../../src/lab/kube/objects/patch.ts';

test('a merge patch removes with null, merges objects and replaces lists', () => {
  const target = { a: 1, b: { c: 2, d: 3 }, e: [1, 2] };
  expect(mergePatch(target, { a: null, b: { c: 4 }, e: [3] })).toEqual({ b: { c: 4, d: 3 }, e: [3] });
});

test('a strategic merge patch merges containers by name and conditions by type', () => {
  const pod = {
    spec: {
      containers: [
        { name: 'a', image: '1' },
        { name: 'b', image: '1' },
      ],
    },
  };
  const patch = { spec: { '$setElementOrder/containers': [{ name: 'b' }], containers: [{ name: 'b', image: '2' }] } };
  expect(strategicMergePatch(pod, patch)).toEqual({
    spec: {
      containers: [
        { name: 'a', image: '1' },
        { name: 'b', image: '2' },
      ],
    },
  });
});

test('a strategic merge patch takes elements out, of lists of objects and of plain values', () => {
  const target = { containers: [{ name: 'a' }, { name: 'b' }], finalizers: ['x', 'y'] };
  const patch = { containers: [{ name: 'a', $patch: 'delete' }], '$deleteFromPrimitiveList/finalizers': ['x'] };
  expect(strategicMergePatch(target, patch)).toEqual({ containers: [{ name: 'b' }], finalizers: ['y'] });
});

test('a JSON patch adds, replaces, removes, moves, copies and tests', () => {
  const operations = [
    { op: 'test', path: '/a~1b', value: 1 },
    { op: 'add', path: '/list/1', value: 'new' },
    { op: 'add', path: '/list/-', value: 'last' },
    { op: 'replace', path: '/a~1b', value: 2 },
    { op: 'copy', from: '/list', path: '/copy' },
    { op: 'move', from: '/x', path: '/y' },
    { op: 'remove', path: '/list/0' },
  ];
  expect(jsonPatch({ 'a/b': 1, list: ['first'], x: 'x' }, operations)).toEqual({
    'a/b': 2,
    list: ['new', 'last'],
    copy: ['first', 'new', 'last'],
    y: 'x',
  });
});

test.for([
  [{ op: 'remove', path: '/missing' }, 'doc is missing path'],
  [{ op: 'replace', path: '/missing', value: 1 }, 'doc is missing path'],
  [{ op: 'test', path: '/a', value: 2 }, 'test failed'],
  [{ op: 'steal', path: '/a' }, 'Unexpected kind'],
] as const)('the JSON patch operation %o is refused', ([operation, text]) => {
  expect(() => jsonPatch({ a: 1 }, [operation])).toThrow(text);
});
