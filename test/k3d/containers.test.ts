import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isOurs, parseContainers, shapeOf } from '../../src/k3d/containers.ts';
import { bridgeName, k3sImage, nodeKey, nodeNames } from '../../src/k3d/names.ts';
import { capture, withCaptures } from '../helpers/captures.ts';

withCaptures('nodes of a real cluster: roles, and addresses that do not follow the numbers', () => {
  const containers = parseContainers(capture('docker-inspect-nodes.json'), 'real');
  expect(containers.map(({ name, key, role, running, address }) => ({ name, key, role, running, address }))).toEqual([
    { name: 'k3d-real-agent-0', key: 'agent-0', role: 'agent', running: true, address: '172.28.0.5' },
    { name: 'k3d-real-server-0', key: 'server-0', role: 'server', running: true, address: '172.28.0.3' },
  ]);
  expect(isOurs(containers, 'real')).toBe(false);
});

test('a node of Docker 29, which tells addresses by network alone', () => {
  const [node] = parseContainers(readFileSync('test/fixtures/docker-29/containers.json', 'utf8'), 'kd29');
  expect(node).toMatchObject({ key: 'server-0', role: 'server', running: true, address: '172.19.0.2' });
  expect(node && isOurs([node], 'kd29')).toBe(true);
});

withCaptures('what a real server was told, without what k3d adds', () => {
  expect(shapeOf(parseContainers(capture('docker-inspect-nodes.json'), 'real'))).toEqual({
    image: 'docker.io/rancher/k3s:v1.21.2-k3s1',
    servers: 1,
    args: [
      '--flannel-backend=none',
      '--disable-network-policy',
      '--cluster-cidr=10.53.0.0/16',
      '--disable=traefik,servicelb,metrics-server,local-storage,coredns',
    ],
    tlsSans: ['0.0.0.0'],
  });
});

test('a container that only helps is no node, and one by another name is a node without a number', () => {
  const container = (name: string, role: string) => ({
    Name: `/${name}`,
    State: { Running: true },
    Config: { Image: 'x', Cmd: null, Labels: { 'k3d.role': role } },
    NetworkSettings: { Networks: null },
  });
  const found = parseContainers(
    JSON.stringify([
      container('k3d-a-serverlb', 'loadbalancer'),
      container('k3d-a-tools', 'noRole'),
      container('k3d-extra-0', 'agent'),
    ]),
    'a',
  );
  expect(found.map(({ name, key }) => [name, key])).toEqual([['k3d-extra-0', undefined]]);
});

test('a node is known by its number under both names that k3d gives', () => {
  expect(nodeNames('cpaas1', 'agent-3').map((name) => nodeKey('cpaas1', name))).toEqual(['agent-3', 'agent-3']);
  expect(nodeKey('cpaas1', 'k3d-cpaas10-agent-3')).toBeUndefined();
  expect(nodeKey('cpaas1', 'k3d-cpaas1-agent-3-1')).toBeUndefined();
});

test('the name of a bridge fits into 15 bytes, and tags have no plus', () => {
  expect(bridgeName('cpaas1')).toBe('br-cpaas1');
  expect(bridgeName('a-very-long-cluster-name')).toMatch(/^br-[0-9a-f]{12}$/);
  expect(k3sImage('v1.35.5+k3s1')).toBe('docker.io/rancher/k3s:v1.35.5-k3s1');
});
