import { parse } from 'yaml';
import { API_VERSION } from '../core/documents.ts';
import { CpaasError } from '../core/errors.ts';
import type { ProviderName } from './defaults.ts';

export interface RouterAnswer {
  readonly name: string;
  readonly address: string;
  readonly asNumber?: string;
}

interface HostAnswer {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  readonly address: string;
}

/** The ways to a cluster, for whoever chooses. */
export const providerWords: Readonly<Record<ProviderName, string>> = {
  lab: "the articles' network on this machine, to try things on",
  k3d: 'containers on this machine',
  kubeadm: 'machines reached by SSH',
  existing: 'one that exists already, with Calico',
};

/** What `cpaas init` asks for. Texts are taken as given: loading what was rendered says what is wrong with them. */
export interface InitAnswers {
  readonly name: string;
  readonly provider: ProviderName;
  /** Of a lab. */
  readonly topology?: 'vm' | 'flat';
  /** Of a lab or k3d. */
  readonly servers?: number;
  readonly agents?: number;
  /** Of kubeadm. */
  readonly hosts?: readonly HostAnswer[];
  /** Of an existing cluster. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly network?: {
    readonly nodes?: string;
    readonly pods?: string;
    readonly services?: string;
    readonly gateway?: string;
    readonly lan?: string;
  };
  readonly asNumber?: string;
  readonly routers: readonly RouterAnswer[];
}

/** Reads `bigip1=10.10.2.20` or `bigip1=10.10.2.20,65010`. Throws `CONFIG.ROUTER`. */
export function routerAnswer(text: string): RouterAnswer {
  const [, name, address, asNumber] = /^([^=,\s]+)=([^=,\s]+)(?:,([^=,\s]+))?$/.exec(text) ?? [];
  if (name === undefined || address === undefined)
    throw new CpaasError(
      'CONFIG.ROUTER',
      `${JSON.stringify(text)} is no router: write NAME=ADDRESS or NAME=ADDRESS,AS`,
    );
  return { name, address, ...(asNumber === undefined ? {} : { asNumber }) };
}

/** Reads `node1=10.1.20.20`. Throws `USAGE.FLAGS`. */
export function hostAnswer(text: string, role: HostAnswer['role']): HostAnswer {
  const [, name, address] = /^([^=,\s]+)=([^=,\s]+)$/.exec(text) ?? [];
  if (name === undefined || address === undefined)
    throw new CpaasError('USAGE.FLAGS', `${JSON.stringify(text)} is no machine: write NAME=ADDRESS`);
  return { name, role, address };
}

/** A commented cluster file. */
export function renderClusterFile(answers: InitAnswers): string {
  const lines = [
    '# A Kubernetes cluster whose pods a BIG-IP reaches directly. `cpaas plan` shows what `cpaas up` would do.',
    '# `cpaas schema > cpaas.schema.json` lets your editor check this file while you type.',
    `apiVersion: ${API_VERSION}`,
    'kind: Cluster',
    'metadata:',
    `  name: ${scalar(answers.name)}`,
    'spec:',
    '  provider:',
    ...provider(answers).map(indent(4)),
    ...network(answers).map(indent(2)),
    '  bgp:',
    ...bgp(answers).map(indent(4)),
    ...routers(answers).map(indent(2)),
  ];
  return `${lines.join('\n')}\n`;
}

function provider(answers: InitAnswers): readonly string[] {
  switch (answers.provider) {
    case 'lab': {
      const { topology = 'vm' } = answers;
      const about = { vm: 'nodes behind one machine, as k3d has them', flat: 'nodes and routers on one LAN' }[topology];
      return ['lab: # network namespaces of this machine', `  topology: ${topology} # ${about}`, ...sizes(answers)];
    }
    case 'k3d':
      return ['k3d: # k3s in containers on this machine', ...sizes(answers)];
    case 'kubeadm':
      return ['kubeadm: # machines reached by SSH', ...hosts(answers.hosts ?? [])];
    case 'existing': {
      const { kubeconfig, context } = answers;
      const given = fields({ kubeconfig, context });
      return given.length > 0
        ? ['existing: # made by somebody else, with Calico', ...given.map(indent(2))]
        : ['existing: {} # your current kubectl context'];
    }
  }
}

const sizes = ({ servers = 1, agents = 3 }: InitAnswers) => [`  servers: ${servers}`, `  agents: ${agents}`];

const hosts = (all: readonly HostAnswer[]) =>
  all.length === 0
    ? ['  hosts: []']
    : [
        '  hosts:',
        ...all.flatMap(({ name, role, address }) => [
          `    - name: ${scalar(name)}`,
          `      role: ${role}`,
          `      address: ${scalar(address)}`,
          `      ssh: { host: ${scalar(address)}, user: root } # keys come from your agent; see the reference for passwords`,
        ]),
      ];

function network({ network: { nodes, pods, services, gateway, lan } = {} }: InitAnswers): readonly string[] {
  const given = fields({ nodes, pods, services, gateway, lan });
  return given.length === 0 ? [] : ['network: # none may overlap another', ...given.map(indent(2))];
}

const bgp = ({ asNumber = '64512' }: InitAnswers) => [
  `asNumber: ${asn(asNumber)} # of the cluster, and of every router that has none of its own`,
  'nodeToNodeMesh: true',
];

function routers({ provider, routers: all }: InitAnswers): readonly string[] {
  if (all.length === 0) return ['routers: [] # the BIG-IP units that peer with the nodes'];
  const login = ({ name, address }: RouterAnswer) =>
    `ssh: { host: ${scalar(address)}, user: root, password: { env: ${name.toUpperCase().replace(/\W/gu, '_')}_PASSWORD } }`;
  return [
    'routers:',
    ...all.flatMap((router) => [
      `  - name: ${scalar(router.name)}`,
      `    address: ${scalar(router.address)} # the self-IP that nodes peer with; never a floating one`,
      ...(router.asNumber === undefined
        ? []
        : [`    asNumber: ${asn(router.asNumber)} # another AS than the cluster's: eBGP`]),
      '    bigip:',
      ...(provider === 'lab' ? [] : [`      ${login(router)}`]),
      '      selfIp: internal # its name; its port lockdown will admit tcp 179',
    ]),
  ];
}

const fields = (values: Readonly<Record<string, string | undefined>>): readonly string[] =>
  Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${scalar(value)}`]));

/** Digits stay a number; the dotted form needs its quotes. */
const asn = (text: string): string => (/^\d+$/.test(text) ? text : scalar(text));

/** Text in YAML, also between braces: quoted where it would be read as something else. JSON's quotes are YAML's. */
const scalar = (text: string): string =>
  /^[\w./-]+$/.test(text) && parse(text) === text ? text : JSON.stringify(text);

const indent = (width: number) => (line: string) => ' '.repeat(width) + line;
