import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readArguments } from '../../../src/lab/calico/calicoctl/arguments.ts';
import { loadResources } from '../../../src/lab/calico/calicoctl/documents.ts';
import { Failure, massage } from '../../../src/lab/calico/calicoctl/failure.ts';
import { fromKubernetesNode } from '../../../src/lab/calico/calicoctl/node.ts';
import { print } from '../../../src/lab/calico/calicoctl/print.ts';
import { typeNamed } from '../../../src/lab/calico/calicoctl/resources.ts';
import { fromCrd } from '../../../src/lab/calico/metadata.ts';
import type { KubeObject } from '../../../src/lab/kube/objects/object.ts';
import { capture, withCaptures } from '../../helpers/captures.ts';

function type(name: string) {
  const found = typeNamed(name);
  if (found === undefined) throw new Error(`no type ${name}`);
  return found;
}
const items = (file: string): readonly KubeObject[] => JSON.parse(capture(file)).items;

/** What calicoctl would print of a file with this text. */
function refusal(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'cpaas-calicoctl-'));
  const file = join(folder, 'x.yaml');
  writeFileSync(file, text);
  try {
    return `${loadResources(file).length} loaded`;
  } catch (error) {
    if (error instanceof Failure) return massage(error.message);
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const peer = (spec: string) =>
  `{apiVersion: projectcalico.org/v3, kind: BGPPeer, metadata: {name: x}, spec: {${spec}}}`;

withCaptures('peers are printed as the real one prints them, as a table and as YAML', () => {
  const peers = items('bgppeers.json').map(fromCrd);
  const found = { what: 'list', items: peers, resourceVersion: '1532' } as const;
  expect(print(type('bgppeer'), found, 'wide', '64512')).toBe(capture('calicoctl_get_bgppeer_o_wide.txt'));
  expect(print(type('bgppeer'), found, 'yaml', '64512')).toBe(capture('calicoctl_get_bgppeer_o_yaml.txt'));
});

withCaptures('a BGP configuration is printed as the real one prints it', () => {
  const found = { what: 'list', items: items('bgpconfigurations.json').map(fromCrd), resourceVersion: '1532' } as const;
  expect(print(type('bgpconfig'), found, 'yaml', '64512')).toBe(capture('calicoctl_get_bgpconfig_o_yaml.txt'));
});

withCaptures('nodes are printed as the real one prints them', () => {
  const nodes = items('nodes.json').map(fromKubernetesNode);
  const found = { what: 'list', items: nodes, resourceVersion: '1533' } as const;
  expect(print(type('nodes'), found, 'wide', '64512')).toBe(capture('calicoctl_get_nodes_o_wide.txt'));
  const [real] = JSON.parse(capture('calicoctl_get_node_o_json.txt')).items;
  const [made] = JSON.parse(print(type('nodes'), found, 'json', '64512')).items;
  expect({ ...made, status: real.status }).toEqual(real);
});

test('what was asked for by name and is not there is null', () => {
  expect(print(type('bgppeer'), { what: 'objects', objects: [] }, 'json', '64512')).toBe('null\n');
});

test.for(['bgppeer', 'BGPPeers', 'bgpconfig', 'bgpf', 'ippool', 'no'])('%s is a type', (name) => {
  expect(typeNamed(name)).toBeDefined();
});

test.for(['blockaffinity', 'ipamblock', 'pod'])('%s is none, as with the real one', (name) => {
  expect(typeNamed(name)).toBeUndefined();
});

test('documents, lists and arrays of resources are read, and AS numbers as text or dotted', () => {
  expect(refusal(`${peer('asNumber: "64512"')}\n---\n${peer('asNumber: "1.10"')}`)).toBe('2 loaded');
  expect(refusal(`[${peer('')}, ${peer('')}]`)).toBe('2 loaded');
  expect(refusal(`{apiVersion: projectcalico.org/v3, kind: BGPPeerList, items: [${peer('')}]}`)).toBe('1 loaded');
});

test.for([
  [peer('peerIp: 10.0.0.1'), 'field in document is not recognized or is in the wrong location: peerIp'],
  [peer('asNumber: many'), 'cannot unmarshal string into Go struct field BGPPeer.spec.asNumber of type integer'],
  [
    '{apiVersion: projectcalico.org/v3, kind: BGPFriend}',
    'Unknown resource type (BGPFriend) and/or version (projectcalico.org/v3)',
  ],
  [
    '{apiVersion: crd.projectcalico.org/v1, kind: BGPPeer}',
    'Unknown resource type (BGPPeer) and/or version (crd.projectcalico.org/v1)',
  ],
] as const)('%s is refused', ([text, words]) => {
  expect(refusal(text)).toBe(words);
});

test.for([
  [['apply']],
  [['get']],
  [['get', 'bgppeer', '--hat']],
  [['patch', 'bgppeer', 'x']],
  [['apply', 'x', '-f', 'y']],
] as const)('calicoctl %o has no such usage', ([words]) => {
  const [verb, ...rest] = words;
  expect(() => readArguments(verb as 'apply', rest)).toThrow(
    `Invalid option: 'calicoctl ${words.join(' ')}'. Use flag '--help' to read about a specific subcommand.`,
  );
});
