import { load } from 'js-yaml';
import { type Ending, type FakeMachine, Power } from './fake-host.ts';

interface Network {
  readonly subnet: string;
  readonly gateway: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}
interface Container {
  readonly image: string;
  readonly cmd: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly network: string;
  running: boolean;
  address: string;
}
interface Config {
  readonly metadata: { readonly name: string };
  readonly servers: number;
  readonly agents: number;
  readonly image: string;
  readonly network: string;
  readonly kubeAPI?: { readonly host: string };
  readonly files: readonly { readonly source: string }[];
  readonly options: {
    readonly k3s: { readonly extraArgs: readonly { readonly arg: string }[] };
    readonly runtime: {
      readonly labels: readonly { readonly label: string; readonly nodeFilters: readonly string[] }[];
    };
  };
}

/** A machine with Docker, k3d 5.9 and kubectl, which answer and refuse as the real ones do. */
export class FakeK3d {
  readonly power = new Power();
  readonly files = new Map<string, string>();
  readonly networks = new Map<string, Network>();
  readonly containers = new Map<string, Container>();
  /** Names of Kubernetes nodes. */
  readonly nodes = new Set<string>();
  /** Clusters made so far: each has credentials of its own. */
  #made = 0;

  readonly machine: FakeMachine = {
    name: 'here',
    files: this.files,
    programs: {
      docker: (args) => this.#docker(args),
      k3d: (args) => this.#k3d(args),
      kubectl: (args) => this.#kubectl(args),
      mkdir: () => '',
      cp: ([, to = '']) => {
        this.power.spend();
        this.files.set(to, 'an archive');
        return '';
      },
      rm: (args) => this.#rm(args),
    },
  };

  /** Another cluster and another network, which are nobody's business here. */
  constructor() {
    this.networks.set('bridge', { subnet: '172.17.0.0/16', gateway: '172.17.0.1', options: {}, labels: {} });
    this.networks.set('k3d-other', {
      subnet: '172.30.0.0/16',
      gateway: '172.30.0.1',
      options: {},
      labels: { app: 'k3d' },
    });
    const labels = { 'k3d.cluster': 'other', 'k3d.role': 'server', 'k3d.cluster.network': 'k3d-other' };
    this.containers.set('k3d-other-server-0', {
      ...{ image: 'rancher/k3s:v1.30.0-k3s1', cmd: ['server'], labels, network: 'k3d-other' },
      ...{ running: true, address: '172.30.0.2' },
    });
  }

  /** Without what depends on how it came about: numbers that k3d appends, addresses, credentials. */
  dump(): unknown {
    const containers = [...this.containers].map(([name, { address: _, cmd, labels, ...rest }]) => {
      const { 'cpaas.dev/calico': calico, ...others } = labels;
      return [name.replace(/-0$/, '').replace(/(server|agent)$/, '$1-0'), { ...rest, cmd, calico, others }];
    });
    return {
      networks: [...this.networks].sort(),
      containers: containers.sort(([a], [b]) => (`${a}` < `${b}` ? -1 : 1)),
      files: [...this.files.keys()].sort(),
    };
  }

  #docker(args: readonly string[]): Ending {
    const [object = '', verb = ''] = args;
    if (object === 'ps') {
      const cluster = (args.find((word) => word.startsWith('label=')) ?? '').replace('label=k3d.cluster=', '');
      return lines(
        [...this.containers].filter(([, each]) => each.labels['k3d.cluster'] === cluster).map(([name]) => name),
      );
    }
    if (object === 'inspect') return this.#inspect(args.slice(3));
    if (object === 'load') return `Loaded image from ${args.at(-1)}\n`;
    if (object !== 'network') return failure(`docker: '${object}' is not a docker command.`);
    if (verb === 'ls') {
      const [key, value] = (args.find((word) => word.startsWith('label=')) ?? '').slice('label='.length).split('=');
      return lines([...this.networks].filter(([, { labels }]) => labels[key ?? ''] === value).map(([name]) => name));
    }
    if (verb === 'inspect') return this.#inspectNetworks(args.slice(2));
    if (verb === 'create') return this.#createNetwork(args.slice(2));
    if (verb === 'rm') return this.#removeNetwork(args[2] ?? '');
    return failure(`unknown docker network ${verb}`);
  }

  #inspect(names: readonly string[]): Ending {
    const found = names.flatMap((name) => {
      const each = this.containers.get(name);
      if (!each) return [];
      const { image, cmd, labels, network, running, address } = each;
      return {
        Name: `/${name}`,
        State: { Running: running, Paused: false, Restarting: false },
        Config: { Image: image, Cmd: cmd, Labels: labels },
        NetworkSettings: { Networks: { [network]: { IPAddress: running ? address : '' } } },
      };
    });
    const missing = names.find((name) => !this.containers.has(name));
    const stdout = JSON.stringify(found);
    return missing ? { code: 1, stdout, stderr: `Error: No such container: ${missing}\n` } : stdout;
  }

  #inspectNetworks(names: readonly string[]): Ending {
    const found = names.flatMap((name) => {
      const network = this.networks.get(name);
      if (!network) return [];
      const { subnet, gateway, options, labels } = network;
      const IPAM = { Config: [{ Subnet: subnet, Gateway: gateway }] };
      return { Name: name, Driver: 'bridge', IPAM, Options: options, Labels: labels };
    });
    const missing = names.find((name) => !this.networks.has(name));
    const stdout = JSON.stringify(found);
    return missing ? { code: 1, stdout, stderr: `Error response from daemon: network ${missing} not found\n` } : stdout;
  }

  #createNetwork(words: readonly string[]): Ending {
    const name = words.at(-1) ?? '';
    const values = (flag: string) =>
      words.flatMap((word) => (word.startsWith(`--${flag}=`) ? [word.slice(flag.length + 3)] : []));
    const pairs = (flag: string) =>
      Object.fromEntries(
        values(flag).map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
      );
    if (this.networks.has(name)) return failure(`Error response from daemon: network with name ${name} already exists`);
    const [subnet = '', gateway = ''] = [...values('subnet'), ...values('gateway')];
    if ([...this.networks.values()].some((each) => each.subnet === subnet))
      return failure('Error response from daemon: Pool overlaps with other one on this address space');
    this.power.spend();
    this.networks.set(name, { subnet, gateway, options: pairs('opt'), labels: pairs('label') });
    return 'f00d\n';
  }

  #removeNetwork(name: string): Ending {
    if (!this.networks.has(name)) return failure(`Error response from daemon: network ${name} not found`);
    if ([...this.containers.values()].some(({ network, running }) => network === name && running))
      return failure(`Error response from daemon: error while removing network: network ${name} has active endpoints`);
    this.power.spend();
    this.networks.delete(name);
    return `${name}\n`;
  }

  #k3d(args: readonly string[]): Ending {
    const [object, verb, name = ''] = args;
    if (object === 'kubeconfig') return this.#kubeconfig(name);
    if (object === 'node') return verb === 'create' ? this.#addNode(args) : this.#removeNode(name);
    if (verb === 'create') return this.#createCluster(args[3] ?? '');
    const own = this.#nodesOf(name);
    if (own.length === 0) return fatal(`No nodes found for given cluster: ${name}`);
    this.power.spend();
    for (const [node, container] of own) {
      if (verb === 'start') container.running = true;
      else this.containers.delete(node);
    }
    // as on a cluster without CoreDNS
    return verb === 'start' ? fatal('error during post-start cluster preparation: coredns.yaml') : '';
  }

  #nodesOf(cluster: string) {
    return [...this.containers].filter(([, { labels }]) => labels['k3d.cluster'] === cluster);
  }

  /** It rolls back what it began when it cannot go on. */
  #createCluster(path: string): Ending {
    const text = this.files.get(path);
    if (text === undefined) return fatal(`open ${path}: no such file or directory`);
    const config = load(text) as Config;
    const { name } = config.metadata;
    if (this.#nodesOf(name).length > 0)
      return fatal(`Failed to create cluster '${name}' because a cluster with that name already exists`);
    const folder = path.replace(/[^/]*$/, '');
    const missing = config.files.find(({ source }) => !this.files.has(folder + source));
    if (missing) return fatal(`could resolve source file path: ${folder}${missing.source}`);
    if (!this.networks.has(config.network)) return fatal(`network ${config.network} not found`);
    this.power.spend();
    const { extraArgs } = config.options.k3s;
    const san = config.kubeAPI?.host ?? '0.0.0.0';
    for (let n = 0; n < config.servers; n++)
      this.#run(`k3d-${name}-server-${n}`, config, 'server', [...extraArgs.map(({ arg }) => arg), '--tls-san', san]);
    for (let n = 0; n < config.agents; n++) this.#run(`k3d-${name}-agent-${n}`, config, 'agent', []);
    this.#made++;
    return '';
  }

  #run(node: string, config: Config, role: 'server' | 'agent', args: readonly string[]): void {
    const given = config.options.runtime.labels.filter(({ nodeFilters }) => nodeFilters.includes(`${role}:*`));
    const labels = {
      app: 'k3d',
      'k3d.cluster': config.metadata.name,
      'k3d.role': role,
      'k3d.cluster.network': config.network,
      'k3d.server.api.host': config.kubeAPI?.host ?? '0.0.0.0',
      ...Object.fromEntries(
        given.map(({ label }) => [label.slice(0, label.indexOf('=')), label.slice(label.indexOf('=') + 1)]),
      ),
    };
    const address = `172.19.0.${this.containers.size + 1}`;
    const { image, network } = config;
    this.containers.set(node, { image, cmd: [role, ...args], labels, network, running: true, address });
    this.nodes.add(node);
  }

  #addNode(args: readonly string[]): Ending {
    const name = `k3d-${args[2]}-0`;
    const cluster = args[args.indexOf('--cluster') + 1] ?? '';
    const nodes = this.#nodesOf(cluster);
    const model = nodes.find(([, { labels }]) => labels['k3d.role'] === 'agent') ?? nodes[0];
    if (!model) return fatal(`Failed to find specified cluster '${cluster}'`);
    if (this.containers.has(name)) return fatal(`Conflict. The container name "/${name}" is already in use`);
    this.power.spend();
    const [, { image, network, labels: copied }] = model;
    const labels: Record<string, string> = { ...copied, 'k3d.role': 'agent' };
    delete labels['cpaas.dev/calico'];
    const address = `172.19.0.${this.containers.size + 1}`;
    this.containers.set(name, { image, network, labels, cmd: ['agent'], running: true, address });
    this.nodes.add(name);
    return '';
  }

  #removeNode(name: string): Ending {
    if (!this.containers.has(name)) return fatal(`failed to get node ${name}`);
    this.power.spend();
    this.containers.delete(name);
    return '';
  }

  #kubeconfig(cluster: string): Ending {
    const server = this.#nodesOf(cluster).find(([, { labels }]) => labels['k3d.role'] === 'server');
    if (!server) return fatal(`Failed to get cluster ${cluster}`);
    const host = server[1].labels['k3d.server.api.host'];
    const name = `k3d-${cluster}`;
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server: `https://${host}:36281`, 'certificate-authority-data': 'Q0E=' } }],
      users: [{ name: `admin@${name}`, user: { 'client-key-data': `a secret of cluster ${this.#made}` } }],
      contexts: [{ name, context: { cluster: name, user: `admin@${name}` } }],
      'current-context': name,
    });
  }

  #kubectl(args: readonly string[]): Ending {
    const path = args[args.indexOf('--kubeconfig') + 1] ?? '';
    if (!this.files.has(path)) return failure(`error: stat ${path}: no such file or directory`);
    if (args.includes('delete')) {
      this.power.spend();
      this.nodes.delete(args[args.indexOf('node') + 1] ?? '');
    }
    return '';
  }

  #rm(args: readonly string[]): Ending {
    const target = args.at(-1) ?? '';
    this.power.spend();
    for (const path of [...this.files.keys()])
      if (path === target || (args[0] === '-rf' && path.startsWith(`${target}/`))) this.files.delete(path);
    return '';
  }
}

const lines = (words: readonly string[]): string => words.map((word) => `${word}\n`).join('');
const failure = (stderr: string): Ending => ({ code: 1, stderr: `${stderr}\n` });
/** As k3d tells it: in colours, into a pipe too. */
const fatal = (text: string): Ending => ({ code: 1, stderr: `\u001B[31mFATA\u001B[0m[0000] ${text} \n` });
