import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { k3dConfig } from '../../src/k3d/config.ts';
import { kubeconfigFor, sameKubeconfig } from '../../src/k3d/kubeconfig.ts';
import { shape } from '../helpers/k3d.ts';

const SCHEMA = '../shared/data/k3d/v1alpha5.schema.json';
const present = existsSync(SCHEMA);
if (!present) console.warn(`skipped: ${SCHEMA} is not here, so configurations of k3d are not checked against it`);

const wish = { ...shape, cluster: 'cpaas1', agents: 3, network: 'k3d-cpaas1', apiHost: '10.10.2.10' };

describe.skipIf(!present)('the schema that k3d publishes', () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const valid = present ? ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8'))) : () => true;

  test.each([
    ['the article’s cluster', wish],
    ['no agents', { ...wish, agents: 0 }],
    ['three servers', { ...wish, servers: 3 }],
    ['an address that nobody knows', { ...shape, cluster: 'x', agents: 1, network: 'k3d-x' }],
  ])('takes %s', (_, each) => {
    expect([valid(load(k3dConfig(each))), 'errors' in valid ? valid.errors : null]).toEqual([true, null]);
  });

  test('refuses what it does not know, so the test can fail', () => {
    expect(valid({ ...(load(k3dConfig(wish)) as object), nodes: 4 })).toBe(false);
  });
});

test('every argument and label says for which nodes: k3d refuses the others', () => {
  const { options } = load(k3dConfig(wish)) as {
    options: { k3s: { extraArgs: object[] }; runtime: { labels: object[] } };
  };
  for (const each of [...options.k3s.extraArgs, ...options.runtime.labels])
    expect(each).toMatchObject({ nodeFilters: expect.arrayContaining(['server:*']) });
});

test('agents are not named where there are none: k3d takes a filter without nodes for a mistake', () => {
  expect(k3dConfig({ ...wish, agents: 0 })).not.toContain('agent:*');
});

test('a dollar sign is refused, since k3d replaces it', () => {
  expect(() => k3dConfig({ ...wish, tlsSans: ['a$HOME.example'] })).toThrow(
    expect.objectContaining({
      code: 'K3D.CONFIG',
      evidence: [{ label: 'line', text: '- arg: --tls-san=a$HOME.example' }],
    }),
  );
});

describe('the kubeconfig', () => {
  const printed = JSON.stringify({
    clusters: [
      { name: 'k3d-cpaas1', cluster: { server: 'https://0.0.0.0:36281', 'certificate-authority-data': 'Q0E=' } },
    ],
    users: [{ name: 'admin@k3d-cpaas1', user: { 'client-key-data': 'a secret' } }],
  });
  const serverOf = (sans: readonly string[], address?: string) =>
    (load(kubeconfigFor(printed, sans, address)) as { clusters: { cluster: { server: string } }[] }).clusters[0]
      ?.cluster.server;

  test('leads to the machine’s address where the certificate has it, and to this machine otherwise', () => {
    expect(serverOf(['10.10.2.10'], '10.10.2.10')).toBe('https://10.10.2.10:36281');
    expect(serverOf(['10.10.2.10'], '10.10.2.99')).toBe('https://127.0.0.1:36281');
    expect(serverOf([])).toBe('https://127.0.0.1:36281');
  });

  test('is the same whatever its order and quotes, and another with other credentials', () => {
    const one = kubeconfigFor(printed, [], undefined);
    expect(sameKubeconfig(one, JSON.stringify(load(one)))).toBe(true);
    expect(sameKubeconfig(one, one.replace('a secret', 'another'))).toBe(false);
    expect(sameKubeconfig('- no kubeconfig', one)).toBe(false);
  });
});
