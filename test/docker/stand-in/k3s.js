// Stands in for k3s in a node image that the real k3d runs on a real engine: `k3s server …` is the lab's API server with its
// controllers, `k3s agent` a node of it, with BIRD and pods in namespaces of the container. A server is a node, too.
import { rmSync, symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { startAgent } from './agent.js';
import { startServer } from './server.js';

const [role, ...args] = process.argv.slice(2);

// /run is new at every start; what the lab keeps must survive it, as k3s' own data does
const data = '/var/lib/rancher/k3s/lab';
await mkdir(data, { recursive: true });
rmSync('/run/cpaas', { recursive: true, force: true });
symlinkSync(data, '/run/cpaas');

// k3d-tools is the same image: it only has to be there
if (role === 'noop') setInterval(() => {}, 3_600_000);
else {
  const server = role === 'server' ? await startServer(args) : undefined;
  const host = server ? '127.0.0.1' : new URL(process.env.K3S_URL).hostname;
  const agent = (server?.takesNodes ?? true) ? await startAgent({ host, role }) : undefined;
  console.log('Successfully registered node');
  if (server) console.log('k3s is up and running\nCluster dns configmap has been set successfully');
  const end = async () => {
    agent?.stop();
    await server?.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void end());
}
