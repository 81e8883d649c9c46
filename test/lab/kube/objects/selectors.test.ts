import { expect, test } from 'vitest';
import { fieldSelector, labelSelector } from '../../../../src/lab/kube/objects/selectors.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', labels: { app: 'web', 'app.kubernetes.io/managed-by': 'cpaas' } },
  spec: { nodeName: 'n1' },
};

test.for([
  ['app=web', true],
  ['app==web,app!=db', true],
  ['app!=web', false],
  ['app', true],
  ['!app', false],
  ['app in (web, db)', true],
  ['app notin (web)', false],
  ['tier notin (web)', true],
  ['app.kubernetes.io/managed-by=cpaas,app in (web,db)', true],
  ['', true],
] as const)('labels match %s: %s', ([selector, matches]) => {
  expect(labelSelector(selector)(pod)).toBe(matches);
});

test('fields match by their path', () => {
  expect(
    ['metadata.name=web', 'spec.nodeName!=n1', 'spec.nodeName=n1,metadata.name=web'].map((text) =>
      fieldSelector(text)(pod),
    ),
  ).toEqual([true, false, true]);
});

test('a selector that cannot be read is refused', () => {
  expect(() => labelSelector('app=(web')).toThrow('unable to parse requirement');
});
