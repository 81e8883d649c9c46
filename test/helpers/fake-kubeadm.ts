import { readFileSync } from 'node:fs';
import { load, loadAll } from 'js-yaml';
import {
  ADMIN_CONF,
  API_SERVER_MANIFEST,
  BOOTSTRAP_CONF,
  CA_CERTIFICATE,
  ETCD_DATA,
  ETCD_MANIFEST,
  KUBELET_CERTIFICATE,
  KUBELET_CONF,
  KUBELET_CONFIG,
  KUBELET_FLAGS,
  OWNER,
} from '../../src/kubeadm/paths.ts';
import { caPin } from '../../src/kubeadm/pin.ts';
import type { Ending, FakeMachine, FakeProgram, Power } from './fake-host.ts';

const certificate = (name: 'one' | 'other'): string =>
  readFileSync(new URL(`../fixtures/kubeadm/ca-${name}.crt`, import.meta.url), 'utf8');
export const CA = { one: certificate('one'), other: certificate('other') };
export const PIN = { one: caPin(CA.one) ?? '', other: caPin(CA.other) ?? '' };

const KUBERNETES = [
  ADMIN_CONF,
  KUBELET_CONF,
  BOOTSTRAP_CONF,
  CA_CERTIFICATE,
  API_SERVER_MANIFEST,
  KUBELET_CONFIG,
  KUBELET_FLAGS,
  KUBELET_CERTIFICATE,
  ETCD_MANIFEST,
];
const FATAL = '[preflight] Some fatal errors occurred:\n';
const refused = (...errors: readonly string[]): Ending => ({
  code: 1,
  stderr: `${FATAL}${errors.map((error) => `\t[ERROR ${error}]\n`).join('')}error: error execution phase preflight: preflight checks failed\nTo see the stack trace of this error execute with --v=5 or higher\n`,
});

/** A cluster as its API shows it. */
export class FakeCluster {
  certificate = CA.one;
  /** ClusterConfiguration, once init has stored it. */
  config: Record<string, unknown> | undefined;
  info = false;
  /** admin.conf is bound to its group late in an init. */
  bound = false;
  running = false;
  readonly nodes = new Map<string, { ready: boolean; unschedulable: boolean; role: 'control-plane' | 'worker' }>();
  /** Descriptions of tokens, by id; with what follows the dot. */
  readonly tokens = new Map<string, { description: string; secret: string }>();
  readonly secrets = new Set<string>();
  /** Of etcd, by machine: one that was announced and has not started has no name; one whose data are gone is lost. */
  readonly members = new Map<string, { address: string; started: boolean; lost: boolean }>();
  /** That certificates were ever laid ready under: the last one opens them. */
  readonly certificateKeys: string[] = [];
  #minted = 0;

  mint(description: string): string {
    const id = `tok${String(this.#minted++).padStart(3, '0')}`;
    this.tokens.set(id, { description, secret: `${id}0123456789abcdef`.slice(0, 16) });
    return `${id}.${this.tokens.get(id)?.secret}`;
  }

  /** More than half of the members have to be alive. */
  agree(): void {
    const alive = [...this.members.values()].filter(({ lost }) => !lost);
    if (alive.length * 2 <= this.members.size) this.running = false;
  }

  dump(): unknown {
    const { config, info, bound, running, nodes, tokens, secrets } = this;
    return { config, info, bound, running, nodes: [...nodes], tokens: [...tokens], secrets: [...secrets] };
  }
}

/** A Debian machine with kubeadm 1.34 as the captures have it: what it refuses, leaves behind and says. */
export class FakeKubeadmHost implements FakeMachine {
  readonly name: string;
  readonly files: Map<string, string>;
  readonly programs: FakeMachine['programs'];
  readonly #cluster: FakeCluster;
  readonly #power: Power;
  /** Rules as iptables-save prints them. */
  rules: readonly string[] = ['*filter', ':INPUT ACCEPT [0:0]', '-A INPUT -s 192.0.2.1/32 -j DROP', 'COMMIT'];
  links: readonly string[] = ['lo', 'eth0'];
  routes: readonly { dst: string; protocol: string; gateway?: string; type?: string }[] = [
    { dst: '10.1.20.0/24', protocol: '2' },
  ];

  constructor(name: string, cluster: FakeCluster, power: Power, files: Iterable<readonly [string, string]> = []) {
    this.name = name;
    this.#cluster = cluster;
    this.#power = power;
    this.files = new Map([['/etc/hosts', '127.0.0.1 localhost\n'], ...files]);
    this.programs = this.#programs();
  }

  dump(): unknown {
    return { files: [...this.files].toSorted(), rules: this.rules, links: this.links, routes: this.routes };
  }

  put(path: string, content = 'x\n'): void {
    this.#power.spend();
    this.files.set(path, content);
  }

  remove(path: string): void {
    if (!this.files.has(path)) return;
    this.#power.spend();
    this.files.delete(path);
  }

  #has = (...paths: readonly string[]): readonly string[] => paths.filter((path) => this.files.has(path));

  #programs(): Record<string, FakeProgram> {
    const programs: Record<string, FakeProgram> = {
      ls: ([, ...paths]) => {
        const there = this.#has(...paths);
        const missing = paths.filter((path) => !there.includes(path));
        return {
          stdout: there.map((path) => `${path}\n`).join(''),
          stderr: missing.map((path) => `ls: cannot access '${path}': No such file or directory\n`).join(''),
          code: missing.length > 0 ? 2 : 0,
        };
      },
      cat: ([path = '']) => this.files.get(path) ?? { code: 1, stderr: `cat: ${path}: No such file or directory\n` },
      test: ([flag, path = '']) => (flag === '-e' && this.files.has(path) ? '' : { code: 1 }),
      stat: () => ({ code: 1, stderr: 'stat: cannot statx: No such file or directory\n' }),
      mkdir: () => '',
      rm: ([, ...paths]) => {
        for (const path of paths)
          for (const file of [...this.files.keys()])
            if (file === path || file.startsWith(`${path}/`)) this.remove(file);
        return '';
      },
      systemctl: ([verb, unit]) => (verb === 'stop' && unit === 'kubepods.slice' ? { code: 5 } : { code: 1 }),
      find: () => '',
      rmdir: () => '',
      'dpkg-query': () => ({ code: 1 }),
      'iptables-save': () => `${this.rules.join('\n')}\n`,
      'iptables-restore': ([flag], stdin) => {
        if (flag !== '--noflush') throw new Error('everybody else would be flushed');
        this.#power.spend();
        this.#restore(stdin);
        return '';
      },
      ip: (args) => this.#ip(args),
      flock: ([, , , program = '', ...rest], stdin) => programs[program]?.(rest, stdin) ?? { code: 127 },
      sh: ([, script = '', , program = '', ...rest], stdin) => {
        if (script !== 'cat | "$@" --config /dev/stdin') throw new Error(`unknown script: ${script}`);
        return programs[program]?.([...rest, '--config', '/dev/stdin'], stdin) ?? { code: 127 };
      },
      kubeadm: (args, stdin) => this.#kubeadm(args, stdin),
      kubectl: (args, stdin) => this.#kubectl(args, stdin),
    };
    return programs;
  }

  #kubeadm(args: readonly string[], stdin: string): Ending {
    const [verb, ...rest] = args;
    if (args.join(' ') === 'version -o short') return 'v1.34.4\n';
    if (verb === 'init' && rest[0] === 'phase') return this.#uploadCertificates(rest, stdin);
    if (verb === 'init') return this.#init(rest, stdin);
    if (verb === 'join') return this.#join(rest, stdin);
    if (verb === 'reset') return this.#reset(rest);
    if (verb === 'token' && rest[0] === 'create') return this.#mint(rest);
    return { code: 1, stderr: `unknown command ${args.join(' ')}\n` };
  }

  #init(args: readonly string[], stdin: string): Ending {
    const documents = loadAll(stdin) as Record<string, unknown>[];
    const of = (kind: string) => documents.find((document) => document['kind'] === kind) ?? {};
    const ignored = args.includes('--ignore-preflight-errors=all');
    const there = this.#has(API_SERVER_MANIFEST, CA_CERTIFICATE, ETCD_DATA, KUBELET_CONF);
    if (there.length > 0 && !ignored)
      return refused('FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml', 'Port-6443');
    const { name, kubeletExtraArgs } = of('InitConfiguration')['nodeRegistration'] as Registration;
    const { advertiseAddress } = of('InitConfiguration')['localAPIEndpoint'] as { advertiseAddress: string };
    this.put(CA_CERTIFICATE, this.#cluster.certificate);
    this.put(ADMIN_CONF);
    this.put(KUBELET_CONF, 'client-certificate-data: …\n');
    this.put(API_SERVER_MANIFEST, advertised(advertiseAddress));
    this.put(KUBELET_CONFIG);
    this.put(KUBELET_FLAGS, flags(kubeletExtraArgs));
    this.put(ETCD_MANIFEST);
    this.put(ETCD_DATA);
    this.#cluster.members.set(this.name, { address: advertiseAddress, started: true, lost: false });
    this.#cluster.running = true;
    this.#power.spend();
    this.#cluster.bound = true;
    this.#power.spend();
    this.#cluster.config = of('ClusterConfiguration');
    this.#power.spend();
    this.#cluster.nodes.set(name, { ready: true, unschedulable: false, role: 'control-plane' });
    const [{ description } = { description: '' }] = of('InitConfiguration')['bootstrapTokens'] as Token[];
    this.#power.spend();
    this.#cluster.mint(description);
    this.#power.spend();
    this.#cluster.info = true;
    this.put(KUBELET_CERTIFICATE);
    this.put(KUBELET_CONF, 'client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem\n');
    return 'Your Kubernetes control-plane has initialized successfully!\n';
  }

  #join(args: readonly string[], stdin: string): Ending {
    const { discovery, nodeRegistration, controlPlane } = load(stdin) as JoinFile;
    const { token, caCertHashes } = discovery.bootstrapToken;
    if (typeof token !== 'string')
      return { code: 1, stderr: 'error: json: cannot unmarshal number into Go struct field token of type string\n' };
    const there = this.#has(BOOTSTRAP_CONF, CA_CERTIFICATE, KUBELET_CONF);
    if (there.length > 0 && !args.includes('--ignore-preflight-errors=all'))
      return refused(...there.map((path) => `FileAvailable-${path.replaceAll('/', '-')}`));
    const failed = (why: string): Ending => ({ code: 1, stderr: `error: error execution phase preflight: ${why}\n` });
    const { tokens, nodes, certificate, running } = this.#cluster;
    if (!running) return failed('failed to request the cluster-info ConfigMap: connect: no route to host');
    const [id = '', secret] = token.split('.');
    if (!tokens.has(id))
      return failed(`could not find a JWS signature in the cluster-info ConfigMap for token ID "${id}"`);
    if (tokens.get(id)?.secret !== secret) return failed(`failed to verify JWS signature (${token})`);
    if (!caCertHashes.includes(caPin(certificate) ?? '')) return failed('none of the public keys are pinned');
    const { name, kubeletExtraArgs } = nodeRegistration;
    this.put(CA_CERTIFICATE, certificate);
    this.put(BOOTSTRAP_CONF, token);
    if (nodes.get(name)?.ready)
      return {
        code: 1,
        stderr: `error: error execution phase kubelet-start: a Node with name "${name}" and status "Ready" already exists in the cluster.\n`,
      };
    if (controlPlane && controlPlane.certificateKey !== this.#cluster.certificateKeys.at(-1))
      return failed('error decrypting the certificate');
    this.put(KUBELET_CONFIG);
    this.put(KUBELET_FLAGS, flags(kubeletExtraArgs));
    this.put(KUBELET_CERTIFICATE);
    this.put(KUBELET_CONF, 'client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem\n');
    nodes.set(name, { ready: true, unschedulable: false, role: controlPlane ? 'control-plane' : 'worker' });
    this.remove(BOOTSTRAP_CONF);
    if (controlPlane) this.#joinControlPlane(controlPlane.localAPIEndpoint.advertiseAddress);
    return 'This node has joined the cluster:\n';
  }

  /** etcd is told of its new member before that starts, as a learner. */
  #joinControlPlane(address: string): void {
    this.put(ADMIN_CONF);
    this.put(API_SERVER_MANIFEST, advertised(address));
    const { members } = this.#cluster;
    if ([...members.values()].some((member) => !member.started && member.address !== address))
      throw new Error('etcdserver: too many learner members in cluster');
    if (members.has(this.name)) throw new Error('etcd: the member has lost what it had agreed to');
    this.#power.spend();
    members.set(this.name, { address, started: false, lost: false });
    this.put(ETCD_MANIFEST, '    - --initial-cluster-state=existing\n');
    this.put(ETCD_DATA);
    this.#power.spend();
    members.set(this.name, { address, started: true, lost: false });
  }

  #reset(args: readonly string[]): Ending {
    if (!args.includes('--force')) return { code: 1, stderr: 'error: aborted reset operation\n' };
    // one that is no member any more ends, and the kubelet starts it anew until it is stopped itself
    const hasEtcd = this.files.has(ETCD_MANIFEST);
    const restarts = hasEtcd && this.files.has(ETCD_DATA) && !this.#cluster.members.has(this.name);
    this.#leaveEtcd();
    // without its manifest etcd is taken to be elsewhere
    if (hasEtcd) this.remove(ETCD_DATA);
    this.#cluster.agree();
    if (this.#cluster.members.size === 0) {
      const { nodes, tokens, secrets } = this.#cluster;
      Object.assign(this.#cluster, { running: false, bound: false, info: false, config: undefined });
      for (const each of [nodes, tokens, secrets]) each.clear();
    }
    for (const path of KUBERNETES) this.remove(path);
    if (restarts) this.put(ETCD_DATA);
    return '';
  }

  /** Only a node that the cluster knows, and whose parts it has seen, leaves etcd by a reset. (cmd/reset.go: FetchInitConfigurationFromCluster) */
  #leaveEtcd(): void {
    const { members, nodes, running } = this.#cluster;
    const own = members.get(this.name);
    if (!own || !this.files.has(ETCD_DATA)) return;
    this.#power.spend();
    if (members.size === 1 || (running && nodes.has(this.name) && own.started)) members.delete(this.name);
    else own.lost = true;
  }

  #mint(args: readonly string[]): Ending {
    if (!this.files.has(ADMIN_CONF) || !this.#cluster.running)
      return { code: 1, stderr: 'failed to load admin kubeconfig\n' };
    this.#power.spend();
    return `${this.#cluster.mint(args[args.indexOf('--description') + 1] ?? '')}\n`;
  }

  #uploadCertificates(args: readonly string[], stdin: string): Ending {
    const known = 'phase upload-certs --upload-certs --skip-certificate-key-print --config /dev/stdin';
    if (args.join(' ') !== known) return { code: 1, stderr: 'unknown phase\n' };
    const [init, { kubernetesVersion } = {}] = loadAll(stdin) as [InitFile, { kubernetesVersion?: string }];
    if (!/^v\d+\.\d+\.\d+$/.test(kubernetesVersion ?? '')) throw new Error('kubeadm would ask the internet');
    if (!/^[0-9a-f]{64}$/.test(init.certificateKey)) return { code: 1, stderr: 'error: invalid certificate key\n' };
    this.#power.spend();
    this.#cluster.certificateKeys.push(init.certificateKey);
    this.#cluster.secrets.add('kubeadm-certs');
    this.#cluster.mint('Proxy for managing TTL for the kubeadm-certs secret');
    return '[upload-certs] Storing the certificates in Secret "kubeadm-certs" in the "kube-system" Namespace\n';
  }

  /** Its JSON gateway, asked by kubectl with the API server's certificate. */
  #etcd(call: string, stdin: string): Ending {
    if (!this.files.has(ETCD_MANIFEST) || !this.#cluster.running)
      return {
        code: 1,
        stderr: 'The connection to the server 127.0.0.1:2379 was refused - did you specify the right host or port?\n',
      };
    const { members } = this.#cluster;
    const id = (name: string) => String(BigInt(`0x${Buffer.from(name).toString('hex')}`));
    if (call === '/v3/cluster/member/list')
      return JSON.stringify({
        members: [...members].map(([name, { address, started }]) => ({
          ID: id(name),
          ...(started ? { name } : {}),
          peerURLs: [`https://${address}:2380`],
        })),
      });
    const wanted = (JSON.parse(stdin) as { ID: string }).ID;
    const [name] = [...members.keys()].filter((each) => id(each) === wanted);
    if (call !== '/v3/cluster/member/remove' || name === undefined)
      return { code: 1, stderr: 'Error from server (NotFound): the server could not find the requested resource\n' };
    this.#power.spend();
    members.delete(name);
    this.#cluster.agree();
    return '{}';
  }

  #kubectl(args: readonly string[], stdin: string): Ending {
    if (args.includes('--raw')) return this.#etcd(args[args.indexOf('--raw') + 1] ?? '', stdin);
    const [, config = '', , , verb, ...words] = args;
    if (!this.files.has(config)) return { code: 1, stderr: `error: stat ${config}: no such file or directory\n` };
    const { running, bound, nodes } = this.#cluster;
    if (!running)
      return {
        code: 1,
        stderr: 'The connection to the server 10.1.20.20:6443 was refused - did you specify the right host or port?\n',
      };
    if (!bound)
      return {
        code: 1,
        stderr:
          'Error from server (Forbidden): nodes is forbidden: User "kubernetes-admin" cannot list resource "nodes"\n',
      };
    const missing = (what: string): Ending => ({
      code: 1,
      stderr: `Error from server (NotFound): ${what} not found\n`,
    });
    if (verb === 'get' && words[0] === 'nodes')
      return words.at(-1) === 'name'
        ? [...nodes.keys()].map((name) => `node/${name}\n`).join('')
        : JSON.stringify({ items: this.#nodes() });
    if (verb === 'get' && words[1] === 'kubeadm-config')
      return this.#cluster.config
        ? JSON.stringify({ data: { ClusterConfiguration: JSON.stringify(this.#cluster.config) } })
        : missing('configmaps "kubeadm-config"');
    if (verb === 'get' && words[1] === 'cluster-info')
      return this.#cluster.info ? 'configmap/cluster-info\n' : missing('configmaps "cluster-info"');
    if (verb === 'get' && words[0] === 'secrets') return this.#tokenSecrets();
    this.#power.spend();
    const node = nodes.get(words[0] ?? '');
    if (verb === 'cordon' && node) node.unschedulable = true;
    else if (verb === 'drain' && node) return '';
    else if (verb === 'delete' && words[0] === 'node') nodes.delete(words[1] ?? '');
    else if (verb === 'delete' && words[0] === 'secret') this.#forget(words);
    else return { code: 1, stderr: `error: unknown command ${args.join(' ')}\n` };
    return '';
  }

  #nodes(): readonly unknown[] {
    return [...this.#cluster.nodes].map(([name, { ready, unschedulable, role }]) => ({
      metadata: { name },
      spec: { unschedulable, ...(role === 'control-plane' ? { taints: [{ effect: 'NoSchedule' }] } : {}) },
      status: {
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }],
        addresses: [{ address: this.#cluster.members.get(name)?.address ?? '10.1.20.99' }],
      },
    }));
  }

  #tokenSecrets(): string {
    const rows = [...this.#cluster.tokens].map(
      ([id, { description }]) => `bootstrap-token-${id}   ${Buffer.from(description).toString('base64') || '<none>'}\n`,
    );
    return rows.join('');
  }

  #forget(words: readonly string[]): void {
    for (const word of words) {
      this.#cluster.secrets.delete(word);
      this.#cluster.tokens.delete(word.replace('bootstrap-token-', ''));
    }
  }

  #ip(args: readonly string[]): Ending {
    const line = args.join(' ');
    if (line === '-json link show') return JSON.stringify(this.links.map((ifname) => ({ ifname })));
    if (line === '-N -json route show table main') return JSON.stringify(this.routes);
    this.#power.spend();
    if (line.startsWith('link delete ')) this.links = this.links.filter((name) => name !== args[2]);
    else if (line.startsWith('route delete ')) {
      const [, , dst, , protocol] = args;
      if (!this.routes.some((route) => route.dst === dst && route.protocol === protocol))
        return { code: 2, stderr: 'RTNETLINK answers: No such process\n' };
      this.routes = this.routes.filter((route) => route.dst !== dst);
    } else return { code: 1, stderr: `Command "${line}" is unknown\n` };
    return '';
  }

  #restore(stdin: string): void {
    for (const line of stdin.split('\n')) {
      const [verb, chain = '', ...spec] = line.split(' ');
      if (verb === '-D') this.rules = this.rules.filter((rule) => rule !== `-A ${chain} ${spec.join(' ')}`);
      if (verb === '-F') this.rules = this.rules.filter((rule) => !rule.startsWith(`-A ${chain} `));
      if (verb === '-X') this.rules = this.rules.filter((rule) => !rule.startsWith(`:${chain} `));
    }
  }
}

interface Registration {
  readonly name: string;
  readonly kubeletExtraArgs: readonly { readonly name: string; readonly value: string }[];
}
interface Token {
  readonly description: string;
}
interface JoinFile {
  readonly discovery: {
    readonly bootstrapToken: { readonly token: unknown; readonly caCertHashes: readonly string[] };
  };
  readonly nodeRegistration: Registration;
  readonly controlPlane?: {
    readonly certificateKey: string;
    readonly localAPIEndpoint: { readonly advertiseAddress: string };
  };
}
interface InitFile {
  readonly certificateKey: string;
}

const advertised = (address: string): string =>
  `    kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: ${address}:6443\n`;

const flags = (args: Registration['kubeletExtraArgs']): string =>
  `KUBELET_KUBEADM_ARGS="${args.map(({ name, value }) => `--${name}=${value}`).join(' ')}"\n`;

/** A cluster with its first control plane made, as another run of cpaas has left it, or somebody by hand. */
export function madeCluster(control: FakeKubeadmHost, cluster: FakeCluster, owner: string | undefined): void {
  const address = '10.1.20.20';
  const made: readonly (readonly [string, string])[] = [
    [CA_CERTIFICATE, cluster.certificate],
    [ADMIN_CONF, 'x\n'],
    [KUBELET_CONF, 'client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem\n'],
    [API_SERVER_MANIFEST, advertised(address)],
    [KUBELET_CONFIG, 'x\n'],
    [KUBELET_FLAGS, `KUBELET_KUBEADM_ARGS="--node-ip=${address}"\n`],
    [KUBELET_CERTIFICATE, 'x\n'],
    [ETCD_MANIFEST, 'x\n'],
    [ETCD_DATA, 'x\n'],
    ...(owner === undefined ? [] : [[OWNER, `${owner}\nready\n`] as const]),
  ];
  for (const [path, content] of made) control.files.set(path, content);
  Object.assign(cluster, { running: true, bound: true, info: true });
  cluster.config = {
    kubernetesVersion: 'v1.34.4',
    clusterName: owner ?? 'kubernetes',
    networking: { podSubnet: '192.168.0.0/16', serviceSubnet: '10.96.0.0/12' },
  };
  cluster.members.set(control.name, { address, started: true, lost: false });
  cluster.nodes.set(control.name, { ready: true, unschedulable: false, role: 'control-plane' });
}
