import { createConnection } from 'node:net';
import { fileURLToPath } from 'node:url';
import { writeCalicoctl } from '../calico/calicoctl/launcher.ts';
import { startControllers } from '../calico/controllers/start.ts';
import type { LabLayout } from '../layout.ts';
import type { LabSpec } from '../spec.ts';
import type { ChildSpec, KubePart } from '../supervisor/parts.ts';
import { ensureCredentials } from './certificates.ts';
import { writeKubeconfig } from './kubeconfig.ts';

/** The lab's Kubernetes, for the supervisor. */
export const kube: KubePart = { apiServerProcess, startControllers };

/** Writes certificates, the kubeconfig and `calicoctl`; the process itself needs to know the lab's name and which API it serves. */
async function apiServerProcess(spec: LabSpec, layout: LabLayout): Promise<ChildSpec> {
  await writeKubeconfig(spec, layout, await ensureCredentials(spec, layout));
  await writeCalicoctl(spec, layout);
  const [first] = spec.nodes;
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  return {
    id: 'api',
    namespace: spec.topology === 'vm' || first === undefined ? layout.vm : layout.namespace(first.name),
    argv: [process.execPath, main, '--lab', spec.name, '--calico-api', spec.calicoApi],
    restart: true,
    readyWhen: () => listens(layout.apiSocket),
  };
}

/** Nothing once somebody listens on a socket; otherwise what is missing. The API server opens it last. */
const listens = (path: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('error', () => resolve('the API server does not listen yet'));
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
  });
