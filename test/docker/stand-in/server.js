import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dump, loadAll } from 'js-yaml';
import { birdCommand } from '../../../dist/lab/calico/bird/control.js';
import { startControllers } from '../../../dist/lab/calico/controllers/start.js';
import { openIpam } from '../../../dist/lab/calico/ipam/ipam.js';
import { ensureCredentials } from '../../../dist/lab/kube/certificates.js';
import { connect } from '../../../dist/lab/kube/client.js';
import { labLayout } from '../../../dist/lab/layout.js';
import { messages, PORTS, pause } from './wire.js';

const NAME = 'k3s';
const MANIFESTS = '/var/lib/rancher/k3s/server/manifests';
const layout = labLayout(NAME);
const KNOWN = `${layout.root}/nodes.json`;
const log = (line) => console.error(line);

/**
 * The API server, Calico as the manifest says, and a door for nodes. Resolves when nodes may come. Without a manifest it is somebody
 * else's cluster: an API server is all that it is.
 */
export async function startServer(args) {
  const calico = calicoNode();
  const spec = specFrom(args, calico);
  await ensureCredentials(spec, layout);
  writeKubeconfig();
  writeCoreDns();
  const api = await startApi();
  const nodes = calico && new Nodes(spec);
  await nodes?.start();
  return {
    takesNodes: nodes !== undefined,
    async stop() {
      nodes?.stop();
      const ended = new Promise((resolve) => api.once('exit', resolve));
      api.kill('SIGTERM');
      await ended;
    },
  };
}

/** The settings of Calico's manifest in k3s' folder, as they arrive here. */
function calicoNode() {
  const manifest = `${MANIFESTS}/calico.yaml`;
  if (!existsSync(manifest)) return undefined;
  const objects = loadAll(readFileSync(manifest, 'utf8'));
  const daemonSet = objects.find((object) => object?.kind === 'DaemonSet' && object.metadata.name === 'calico-node');
  const container = daemonSet.spec.template.spec.containers.find(({ name }) => name === 'calico-node');
  const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
  return { version: container.image.split(':').at(-1), env };
}

/** What k3s is told, and what Calico's manifest says. */
function specFrom(args, { version = '', env = {} } = {}) {
  const value = (flag) => args.find((arg) => arg.startsWith(`--${flag}=`))?.slice(flag.length + 3);
  const sans = args.flatMap((arg, at) =>
    args[at - 1] === '--tls-san' ? [arg] : (/^--tls-san=(.*)/.exec(arg)?.[1] ?? []),
  );
  if (env.CALICO_IPV4POOL_CIDR !== value('cluster-cidr')) throw new Error('Calico and k3s have different pod networks');
  return {
    name: NAME,
    topology: 'vm',
    vm: sans.find((name) => /^\d+\.\d+\.\d+\.\d+$/.test(name) && name !== '0.0.0.0') ?? '127.0.0.1',
    docker: 'none',
    calicoApi: 'crd',
    calicoVersion: version,
    lan: '0.0.0.0/0',
    nodeNetwork: env.IP_AUTODETECTION_METHOD?.replace(/^cidr=/, ''),
    pods: env.CALICO_IPV4POOL_CIDR,
    services: value('service-cidr') ?? '10.43.0.0/16',
    blockSize: Number(env.CALICO_IPV4POOL_BLOCK_SIZE),
    natOutgoing: env.CALICO_IPV4POOL_NAT_OUTGOING === 'true',
    encapsulation: 'None',
    asNumber: 64512,
    nodes: [],
    routers: [],
  };
}

/** Under the names that k3s gives: k3d looks for them, and gives others. */
function writeKubeconfig() {
  const file = (name) => readFileSync(`${layout.root}/api/${name}`);
  const cluster = { 'certificate-authority-data': file('ca.crt').toString('base64'), server: 'https://127.0.0.1:6443' };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'default', cluster }],
    users: [{ name: 'default', user: { token: file('token').toString() } }],
    contexts: [{ name: 'default', context: { cluster: 'default', user: 'default' } }],
    'current-context': 'default',
  };
  const path = process.env.K3S_KUBECONFIG_OUTPUT ?? '/output/kubeconfig.yaml';
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, dump(config), { mode: 0o600 });
}

/** k3d puts the hosts of the network into it. */
function writeCoreDns() {
  mkdirSync(MANIFESTS, { recursive: true });
  const map = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'coredns', namespace: 'kube-system' },
    data: {},
  };
  writeFileSync(`${MANIFESTS}/coredns.yaml`, dump(map));
}

async function startApi() {
  rmSync(layout.apiSocket, { force: true });
  const main = fileURLToPath(new URL('../../../dist/lab/kube/main.js', import.meta.url));
  const api = spawn(process.execPath, [main, '--lab', NAME, '--calico-api', 'crd'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  while (!existsSync(layout.apiSocket)) await pause(20);
  return api;
}

/** The nodes that have come, and go away again without a word. */
class Nodes {
  #spec;
  #client = connect({ socketPath: layout.apiSocket });
  #links = new Map();
  #plugged = new Map();
  #uids = new Map();
  #proxied = new Set();
  #controllers;
  #stopping = new AbortController();

  constructor(spec) {
    const known = existsSync(KNOWN) ? JSON.parse(readFileSync(KNOWN, 'utf8')) : [];
    this.#spec = { ...spec, nodes: known.map(({ uid, ...node }) => node) };
    for (const { name, uid } of known) this.#uids.set(name, uid);
    for (const { name } of known) this.#proxyBird(name);
  }

  async start() {
    const { signal } = this.#stopping;
    const machines = {
      pods: () => [...this.#plugged.values()],
      plugPod: async (plug) => {
        await this.#link(plug.node).ask({ plug });
        this.#plugged.set(plug.pod, plug);
      },
      unplugPod: async ({ pod }) => {
        const plug = this.#plugged.get(pod);
        this.#plugged.delete(pod);
        if (plug && this.#links.has(plug.node)) await this.#link(plug.node).ask({ unplug: pod });
      },
    };
    this.#controllers = await startControllers({ spec: this.#spec, layout, machines, log, signal });
    createServer((socket) => {
      const link = messages(socket, (message) => void this.#register(message, link, socket));
    }).listen(PORTS.nodes);
    void this.#forgetDeleted();
  }

  stop() {
    this.#controllers.stop();
    this.#stopping.abort();
  }

  #link(node) {
    const link = this.#links.get(node);
    if (!link) throw new Error(`node ${node} does not answer`);
    return link;
  }

  /** A node that starts has none of its pods, and may be at another address: kubelet and calico-node say so. */
  async #register({ name, role, address }, link, socket) {
    this.#links.set(name, link);
    socket.on('close', () => {
      if (this.#links.get(name) !== link) return;
      this.#links.delete(name);
      void this.#ready(name, 'False');
    });
    for (const [pod, { node }] of this.#plugged) if (node === name) this.#plugged.delete(pod);
    this.#proxyBird(name);
    const before = this.#spec.nodes.find((node) => node.name === name);
    const others = this.#spec.nodes.filter((node) => node.name !== name);
    await this.#update([...others, { name, role, address }]);
    while (!(await this.#client.get(`/api/v1/nodes/${name}`))) await pause(20);
    const length = this.#spec.nodeNetwork.split('/')[1];
    const { metadata } = await this.#client.patch(`/api/v1/nodes/${name}`, {
      metadata: { annotations: { 'projectcalico.org/IPv4Address': `${address}/${length}` } },
    });
    this.#uids.set(name, metadata.uid);
    await this.#client.patch(`/api/v1/nodes/${name}/status`, {
      status: {
        addresses: [
          { address, type: 'InternalIP' },
          { address: name, type: 'Hostname' },
        ],
      },
    });
    await this.#ready(name, 'True');
    this.#save();
    if (before?.address === address) await this.#tellAgain(name);
    link.send({ registered: true });
  }

  /** A BIRD that was started again has forgotten what it was told, and nothing else has changed. */
  async #tellAgain(name) {
    const { birdConf, birdSocket } = layout.node(name);
    if (existsSync(birdConf))
      await birdCommand(birdSocket, 'configure').catch((error) => log(`${name}: ${error.message}`));
  }

  async #update(nodes) {
    this.#spec = { ...this.#spec, nodes };
    await this.#controllers.update(this.#spec);
  }

  /** Of the node and of its calico-node. */
  async #ready(name, status) {
    const node = await this.#client.get(`/api/v1/nodes/${name}`);
    if (!node) return;
    const conditions = node.status.conditions.map((each) => (each.type === 'Ready' ? { ...each, status } : each));
    await this.#client.patch(`/api/v1/nodes/${name}/status`, { status: { conditions } });
    const { items } = await this.#client.list('/api/v1/namespaces/kube-system/pods');
    const pod = items.find(({ spec }) => spec.nodeName === name);
    if (!pod?.status?.conditions) return;
    const changed = pod.status.conditions.map((each) => (/Ready/.test(each.type) ? { ...each, status } : each));
    await this.#client.patch(`/api/v1/namespaces/kube-system/pods/${pod.metadata.name}/status`, {
      status: { conditions: changed },
    });
  }

  /** A node that was deleted while it was away does not come back: the controllers, which know no nodes that are away, made it anew. */
  async #forgetDeleted() {
    while (!this.#stopping.signal.aborted) {
      await pause(150);
      for (const { name } of this.#spec.nodes) {
        if (this.#links.has(name)) continue;
        const node = await this.#client.get(`/api/v1/nodes/${name}`).catch(() => undefined);
        if (node?.metadata.uid === this.#uids.get(name)) continue;
        await this.#update(this.#spec.nodes.filter((each) => each.name !== name));
        await (await openIpam(this.#client)).releaseNodes(new Set([name]));
        this.#uids.delete(name);
        this.#save();
      }
    }
  }

  #save() {
    const nodes = this.#spec.nodes.map((node) => ({ ...node, uid: this.#uids.get(node.name) }));
    writeFileSync(KNOWN, JSON.stringify(nodes));
  }

  /** The controllers speak to a BIRD by a socket and a file; both are in another container. */
  #proxyBird(name) {
    if (this.#proxied.has(name)) return;
    this.#proxied.add(name);
    const { root, birdConf, birdSocket } = layout.node(name);
    mkdirSync(root, { recursive: true });
    rmSync(birdSocket, { force: true });
    createServer((socket) => {
      const node = this.#spec.nodes.find((each) => each.name === name);
      // one that has left, or has not come back: at no address is the BIRD beside us, at the last known one may be that of another
      if (!node || !this.#links.has(name)) return void socket.destroy();
      const remote = connectTcp(PORTS.bird, node.address);
      for (const one of [socket, remote]) one.on('error', () => one.destroy());
      for (const [one, other] of [
        [socket, remote],
        [remote, socket],
      ])
        one.on('close', () => other.destroy());
      const conf = existsSync(birdConf) ? readFileSync(birdConf, 'utf8') : '';
      remote.write(`${JSON.stringify({ conf })}\n`);
      socket.pipe(remote).pipe(socket);
    }).listen(birdSocket);
  }
}
