// The supervisor of a lab that has machines and packets but neither Kubernetes nor BIG-IP in it. Stand-in parts: a port that
// listens for the API server, one pod on each node for the controllers, one process for each unit.
import { supervise } from '../../dist/lab/supervisor/supervise.js';

const host = (spec) => (spec.topology === 'vm' ? 'vm' : spec.nodes[0].name);

/** The second address of the node's block, which the last number of its address chooses. */
const podOf = ({ name, address }) => ({ node: name, pod: `pod-${name}`, address: `10.53.${address.split('.')[3]}.66` });

const kube = {
  apiServerProcess: (spec, layout) => ({
    id: 'api',
    namespace: layout.namespace(host(spec)),
    argv: ['socat', 'TCP-LISTEN:6443,fork,reuseaddr', 'PIPE'],
    restart: true,
  }),
  startControllers: async ({ spec, machines }) => {
    let wanted = spec.nodes.map(podOf);
    return {
      update: async (next) => {
        wanted = next.nodes.map(podOf);
      },
      ready: async () => {
        const gone = machines.pods().filter(({ pod }) => !wanted.some((each) => each.pod === pod));
        await Promise.all([
          ...gone.map((pod) => machines.unplugPod(pod)),
          ...wanted.map((pod) => machines.plugPod(pod)),
        ]);
      },
      stop: () => {},
    };
  },
};

const bigip = {
  unitProcesses: (_spec, router, layout) => [
    {
      id: `${router.name}/daemon`,
      namespace: layout.namespace(router.name),
      argv: ['sleep', 'infinity'],
      restart: true,
    },
  ],
  unitReady: async () => undefined,
};

await supervise(process.argv[2], { kube, bigip });
