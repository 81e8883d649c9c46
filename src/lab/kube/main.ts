import { readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { parseArgs } from 'node:util';
import { calicoResources } from '../calico/kinds.ts';
import { runInCalicoNode } from '../calico/node-exec.ts';
import { labLayout } from '../layout.ts';
import { credentials } from './certificates.ts';
import { CORE_KINDS } from './core-kinds.ts';
import { createRegistry } from './objects/registry.ts';
import { Store } from './objects/store.ts';
import { noSuchProgram, type RunInContainer } from './program.ts';
import { upgradeListener } from './server/exec.ts';
import { requestListener } from './server/server.ts';
import { VERSION } from './version.ts';

// The API server of one lab: `main.js --lab NAME --calico-api crd|v3`, in the network namespace that listens on 6443.

const { values } = parseArgs({ options: { lab: { type: 'string' }, 'calico-api': { type: 'string' } } });
const layout = labLayout(values.lab ?? '');
const files = credentials(layout);
const token = readFileSync(files.token, 'utf8');

const store = new Store(`${layout.root}/api/objects.json`);
const registry = createRegistry(store);
const resources = [...CORE_KINDS, ...calicoResources(values['calico-api'] === 'v3' ? 'v3' : 'crd')];

const holdsToken = ({ headers }: IncomingMessage) => headers.authorization === `Bearer ${token}`;
// The other containers of the lab are an echo server and nothing else.
const runInContainer: RunInContainer = async (node, container, argv) =>
  container === 'calico-node' ? runInCalicoNode(argv, layout.node(node).birdSocket) : noSuchProgram(argv[0] ?? '');

function serve(server: Server, authorized: (request: IncomingMessage) => boolean): Server {
  const options = { registry, resources, version: VERSION, authorized };
  return server.on('request', requestListener(options)).on('upgrade', upgradeListener({ ...options, runInContainer }));
}

rmSync(layout.apiSocket, { force: true });
const inside = serve(createServer(), () => true);
const outside = serve(
  createTlsServer({ cert: readFileSync(files.certificate), key: readFileSync(files.key) }),
  holdsToken,
);
// Watches are quiet for hours.
for (const server of [inside, outside]) server.requestTimeout = server.headersTimeout = 0;
outside.listen(6443, () => inside.listen(layout.apiSocket));

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    store.flush();
    process.exit(0);
  });
}
