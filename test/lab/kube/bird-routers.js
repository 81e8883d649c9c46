// The supervisor of a lab with the real Kubernetes, whose routers are a BIRD each, in place of a BIG-IP. The router called `ibgp` is
// in the cluster's AS, others are in AS 65010; both wait for the nodes.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kube } from '../../../dist/lab/kube/part.js';
import { supervise } from '../../../dist/lab/supervisor/supervise.js';

const config = ({ nodeNetwork, asNumber }, { name, address }) => `
router id ${address};
protocol device { }
protocol direct { ipv4; }
protocol bgp nodes {
  local ${address} as ${name === 'ibgp' ? asNumber : 65010};
  neighbor range ${nodeNetwork} as ${asNumber};
  dynamic name "node_";
  multihop;
  passive on;
  graceful restart;
  ipv4 { import all; export none; };
}
`;

const bigip = {
  unitProcesses: async (spec, router, layout) => {
    const folder = layout.unit(router.name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'bird.cfg'), config(spec, router));
    const argv = ['bird', '-f', '-c', join(folder, 'bird.cfg'), '-s', join(folder, 'bird.ctl')];
    return [{ id: `${router.name}/bird`, namespace: layout.namespace(router.name), argv, restart: true }];
  },
  unitReady: async () => undefined,
};

await supervise(process.argv[2], { kube, bigip });
