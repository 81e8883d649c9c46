import { describe, expect, test } from 'vitest';
import { dockerTraits, dockerVersion } from '../../src/versions/docker.ts';
import { kubectlFor, kubernetesIn, lineOf } from '../../src/versions/kubernetes.ts';
import { needsContainerd2, obstacle, type Versions, versionProblems } from '../../src/versions/rules.ts';

const codes = (versions: Versions) => versionProblems(versions).map(({ code }) => code);

test('the default pair goes together, on any host of today', () => {
  const pair = { kubernetes: 'v1.35.5+k3s1', calico: 'v3.31.7', calicoctl: '3.31.7', kubectl: 'v1.35.8' };
  expect(codes({ ...pair, docker: '28.5.2', containerd: '2.3.4', cgroup: 2 })).toEqual([]);
});

test('nothing is said about what is not known', () => {
  expect(codes({})).toEqual([]);
  for (const some of [{ kubernetes: '1.36.4' }, { calico: '3.31.7' }, { cgroup: 1 }, { kubectl: 'main' }] as const)
    expect(codes(some)).toEqual([]);
  // lines whose makers were not asked
  expect(codes({ kubernetes: '1.28.0', calico: 'v3.26.4' })).toEqual([]);
});

test.each([
  ['1.31.9', '3.31.7', false],
  ['1.32.0', '3.31.7', true],
  ['1.35.8', '3.31.7', true],
  ['1.36.4', '3.31.7', false],
  ['1.36.4', '3.32.1', true],
  ['1.33.9', '3.32.1', false],
  ['1.37.0', '3.33.0', true],
  ['1.100.0', '3.33.0', false],
])('Kubernetes %s with Calico %s: %s', (kubernetes, calico, fits) => {
  expect(codes({ kubernetes, calico })).toEqual(fits ? [] : ['calico-kubernetes']);
});

test('a pair that was not tested names those that were, and who says so', () => {
  expect(versionProblems({ kubernetes: 'v1.36.4+k3s1', calico: 'v3.31.7' })).toEqual([
    {
      code: 'calico-kubernetes',
      about: 'calico',
      severity: 'error',
      message: 'Calico 3.31 was tested with Kubernetes 1.32 to 1.35, not with 1.36',
      fix: 'take Calico 3.32 or 3.33, or Kubernetes 1.32 to 1.35',
      source: 'docs.tigera.io/calico/latest/getting-started/kubernetes/requirements',
    },
  ]);
});

test('control groups version 1 mean Kubernetes 1.34 at most', () => {
  expect(codes({ kubernetes: 'v1.35.0', cgroup: 1 })).toEqual(['cgroup-kubernetes']);
  expect(codes({ kubernetes: 'v1.34.11', cgroup: 1 })).toEqual([]);
});

test('Kubernetes 1.36 needs containerd 2', () => {
  expect(codes({ kubernetes: '1.36.0', containerd: '1.7.24' })).toEqual(['containerd-kubernetes']);
  expect(codes({ kubernetes: '1.35.8', containerd: '1.7.24' })).toEqual([]);
  expect([needsContainerd2('v1.36.0'), needsContainerd2('v1.35.8')]).toEqual([true, false]);
});

test('calicoctl of another version is told', () => {
  expect(codes({ calico: 'v3.31.7', calicoctl: 'v3.31.6' })).toEqual(['calicoctl-calico']);
});

test('kubectl may be one minor version away', () => {
  expect(['v1.34.0-rc.1', '1.35.8', '1.36.99'].flatMap((kubectl) => codes({ kubernetes: '1.35.1', kubectl }))).toEqual(
    [],
  );
  expect(['1.33.4', '1.37.0-alpha.1'].flatMap((kubectl) => codes({ kubernetes: '1.35.1', kubectl }))).toEqual([
    'kubectl-skew',
    'kubectl-skew',
  ]);
  expect(kubectlFor('v1.35.5+k3s1')).toBe('>=1.34.0-0 <1.37.0-0');
});

test('k3d copies files into nodes from 5.7 on', () => {
  expect(codes({ k3d: '5.6.3' })).toEqual(['k3d-files']);
  expect(codes({ k3d: 'v5.7.0' })).toEqual([]);
});

test('an obstacle is one sentence with its way out, and what is only unwise is none', () => {
  expect(obstacle({ docker: '19.03.15' })).toBe(
    'k3d needs Docker 20.10.5 or newer, and this is 19.03.15: upgrade Docker Engine',
  );
  expect(obstacle({ kubernetes: '1.35.1', kubectl: '1.33.4' })).toBeUndefined();
});

test('k3d needs Docker 20.10.5', () => {
  expect(codes({ docker: '20.10.4' })).toEqual(['docker-k3d']);
  expect(codes({ docker: '20.10.24+dfsg1' })).toEqual([]);
});

test('a release of k3s tells its Kubernetes', () => {
  expect([kubernetesIn('v1.35.5+k3s1'), kubernetesIn('1.35.8'), kubernetesIn('latest')]).toEqual([
    '1.35.5',
    '1.35.8',
    undefined,
  ]);
  expect([lineOf('v1.35.5+k3s1'), lineOf('1.34'), lineOf('none')]).toEqual(['1.35', '1.34', undefined]);
});

describe('Docker by its version', () => {
  test.each([
    ['20.10.24+dfsg1', 'policy', false],
    ['27.5.1', 'policy', false],
    ['28.0.0', 'bridge', true],
    ['28.1.1', 'bridge', true],
    ['28.2.0', 'container', true],
    ['29.7.2', 'container', true],
  ])('%s filters by %s', (version, filter, natUnprotected) => {
    expect(dockerTraits(version)).toMatchObject({ filter, natUnprotected });
  });

  test('what networks and engines can be told came later', () => {
    expect(dockerTraits('28.1.1')).toMatchObject({ trustedInterfaces: false, nftables: false });
    expect(dockerTraits('29.0.0')).toMatchObject({ trustedInterfaces: true, nftables: true });
  });
});

test('engines drop what is addressed to containers from 28.0 on', () => {
  expect(
    ['20.10.24+dfsg1', '27.5.1', '28.0.0', '29.7.2'].filter((version) => dockerTraits(version).natUnprotected),
  ).toEqual(['28.0.0', '29.7.2']);
});

test.each([
  ['29.8.1', '1.56', '29.8.1'],
  ['20.10.24+dfsg1', '1.41', '20.10.24+dfsg1'],
  // a number that its packager gave it counts, whatever it can do
  ['27.5.1', '1.99', '27.5.1'],
  ['dev', '1.56', '29.0.0'],
  ['library-import', '1.100', '29.0.0'],
  ['2.0.0-beta.24', '1.50', '28.2.0'],
  ['2.0.0-beta.24', '1.48', '28.0.0'],
  ['dev', '1.41', '20.10.5'],
  // of long ago, and of nobody knows when
  ['1.13.1', '1.26', '1.13.1'],
  ['dev', undefined, 'dev'],
])('Docker that calls itself %s and has API %s is taken for %s', (version, api, release) => {
  expect(dockerVersion(version, api)).toBe(release);
});
