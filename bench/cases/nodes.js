import { onLab, seconds } from '../measure.js';

export const needsRoot = true;

const spec = (nodes) => ({
  provider: { lab: { topology: 'vm', servers: 1, agents: nodes - 1 } },
  bgp: { nodeToNodeMesh: false },
  routers: [{ name: 'bigip1', address: '10.10.2.20' }],
});

/** Seconds for each node, from nothing to configured and Established. */
const perNode = (nodes) =>
  onLab(`${nodes}`, spec(nodes), async (cpaas) => (await seconds(() => cpaas('up', '-y', '--timeout', '300'))) / nodes);

/** Whether a large lab costs more for each node than a small one. */
export async function measure() {
  const small = await perNode(10);
  const large = await perNode(100);
  return [
    { what: 'lab of 10 nodes, up, for each node', value: small, unit: ' s' },
    { what: 'lab of 100 nodes, up, for each node', value: large, unit: ' s' },
    { what: 'for each node, 100 / 10', value: large / small, unit: '', most: 1 },
  ];
}
