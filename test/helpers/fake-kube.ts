import { load, loadAll } from 'js-yaml';
import type { Ending, FakeMachine, FakeProgram, Power } from './fake-host.ts';

type Fields = Readonly<Record<string, unknown>>;
export interface FakeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> } & Fields;
  readonly spec?: Fields;
}

const plurals: Readonly<Record<string, string>> = {
  bgpconfigurations: 'BGPConfiguration',
  bgppeers: 'BGPPeer',
  bgpfilters: 'BGPFilter',
  blockaffinities: 'BlockAffinity',
  ipamblocks: 'IPAMBlock',
  ippools: 'IPPool',
  clusterinformations: 'ClusterInformation',
  nodes: 'Node',
  pods: 'Pod',
  namespaces: 'Namespace',
};

export interface FakeKubeOptions {
  readonly api: 'v3' | 'crd';
  readonly objects?: readonly FakeObject[];
  /** What each program ends with, whatever it is asked. */
  readonly broken?: Ending;
  /** What a command inside a pod prints, by the pod's name. */
  readonly exec?: (pod: string, argv: readonly string[]) => Ending;
}

/**
 * kubectl and calicoctl on one host, over objects in memory. With `crd` Calico's objects can be written by calicoctl alone, and
 * kubectl sees them as calicoctl stores them; with `v3` kubectl does both.
 */
export class FakeKube {
  readonly objects = new Map<string, FakeObject>();
  readonly #options: FakeKubeOptions;
  readonly #power: Power;

  constructor(power: Power, options: FakeKubeOptions) {
    this.#power = power;
    this.#options = options;
    for (const object of options.objects ?? []) this.objects.set(`${object.kind} ${object.metadata.name}`, object);
  }

  get programs(): FakeMachine['programs'] {
    const { broken } = this.#options;
    if (broken !== undefined) return { kubectl: () => broken, env: () => broken };
    return { kubectl: this.#kubectl, env: this.#env };
  }

  dump(): readonly unknown[] {
    return [...this.objects.values()].toSorted((a, b) => key(a).localeCompare(key(b)));
  }

  readonly #env: FakeProgram = (args, stdin) => {
    const at = args.indexOf('calicoctl');
    const settings = args.slice(0, at);
    if (at < 0) return { code: 127, stderr: `env: ${args[0]}: No such file or directory\n` };
    if (
      !settings.includes('CALICO_DATASTORE_TYPE=kubernetes') ||
      !settings.some((set) => /^CALICO_KUBECONFIG=\/./.test(set))
    )
      return { code: 1, stderr: 'Failed to create Calico API client: no kubeconfig\n' };
    return this.#calicoctl(args.slice(at + 1), stdin);
  };

  #calicoctl(args: readonly string[], stdin: string): Ending {
    const [verb = '', kind = '', ...rest] = args;
    const kindOf = (lower: string) => Object.values(plurals).find((name) => name.toLowerCase() === lower) ?? lower;
    const names = rest.filter((word) => !word.startsWith('-'));
    if (verb === 'delete') return this.#delete(kindOf(kind), names, rest.includes('--skip-not-exists'));
    const patch = rest.find((word) => word.startsWith('--patch='));
    if (verb === 'patch' && patch) {
      if (rest.some((word) => word.startsWith('--type'))) return { code: 1, stderr: 'patch type is not supported\n' };
      return this.#patch(kindOf(kind), names[0] ?? '', patch.slice('--patch='.length));
    }
    if (kind !== '-f' || rest[0] !== '-') return { code: 1, stderr: `Invalid option: 'calicoctl ${args.join(' ')}'\n` };
    return this.#put(verb, stdin);
  }

  readonly #kubectl: FakeProgram = (args, stdin) => {
    const words = args.slice(args.findIndex((word, at) => !word.startsWith('-') && !valued.has(args[at - 1] ?? '')));
    const [verb, kinds = '', ...rest] = words;
    if (verb === 'get' && kinds === '--raw' && rest[0]?.startsWith('/api/v1/pods?')) return this.#podList();
    if (verb === 'get' && kinds === '--raw') return JSON.stringify({ kind: 'APIGroupList', groups: this.#groups() });
    if (verb === 'get') return this.#get(kinds.split(','), rest);
    if (verb === 'exec')
      return this.#options.exec?.(words[words.indexOf('-c') - 1] ?? '', words.slice(words.indexOf('--') + 1)) ?? '';
    if (this.#options.api === 'crd') return { code: 1, stderr: 'fake: writing the stored objects bypasses Calico\n' };
    if (verb === 'create' || verb === 'replace') return this.#put(verb, stdin);
    const kind = plurals[kinds.split('.')[0] ?? ''];
    if (!kind || !kinds.endsWith('.projectcalico.org')) return noKind(kinds);
    if (verb === 'delete') {
      const names = rest.filter((word) => !word.startsWith('-'));
      return this.#delete(kind, names, rest.includes('--ignore-not-found'));
    }
    const [name = '', type, flag, json = ''] = rest;
    if (verb === 'patch' && type === '--type=merge' && flag === '--patch') return this.#patch(kind, name, json);
    return { code: 1, stderr: `error: unknown command "${words.join(' ')}"\n` };
  };

  #groups(): readonly unknown[] {
    const group = (name: string, version: string) => ({ name, versions: [{ version }] });
    const v3 = this.#options.api === 'v3' ? [group('projectcalico.org', 'v3')] : [];
    return [group('apps', 'v1'), group('crd.projectcalico.org', 'v1'), ...v3];
  }

  /** As the API serves a list of one kind: whatever page is asked for, it is the only one. */
  #podList(): Ending {
    const pods = [...this.objects.values()].filter(({ kind }) => kind === 'Pod');
    const items = pods.map(({ apiVersion: _, kind: __, ...pod }) => pod);
    return JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items });
  }

  #get(resources: readonly string[], flags: readonly string[]): Ending {
    const found: unknown[] = [];
    for (const resource of resources) {
      const [plural = '', ...group] = resource.split('.');
      const kind = plurals[plural];
      const served = group.join('.');
      if (!kind || (served === 'projectcalico.org' && this.#options.api === 'crd')) return noKind(resource);
      const ofKind = [...this.objects.values()].filter((object) => object.kind === kind && isMeant(object, flags));
      found.push(...ofKind.map((object) => (served === 'crd.projectcalico.org' ? stored(object) : object)));
    }
    if (!flags.includes('json')) return { code: 1, stderr: 'fake: only -o json\n' };
    return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: found });
  }

  #put(verb: string, stdin: string): Ending {
    for (const object of loadAll(stdin) as FakeObject[]) {
      const exists = this.objects.has(key(object));
      const { name } = object.metadata;
      if (object.apiVersion !== 'projectcalico.org/v3')
        return { code: 1, stderr: `no matches for kind "${object.kind}"\n` };
      if (verb === 'create' && exists) return refused('AlreadyExists', `"${name}" already exists`);
      if (verb === 'replace' && !exists) return refused('NotFound', `"${name}" not found`);
      this.#power.spend();
      this.objects.set(key(object), withDefaults(object));
    }
    return '';
  }

  #patch(kind: string, name: string, json: string): Ending {
    const object = this.objects.get(`${kind} ${name}`);
    if (!object) return refused('NotFound', `"${name}" not found`);
    const { spec } = load(json) as { spec: Fields };
    const merged = Object.entries({ ...object.spec, ...spec }).filter(([, value]) => value !== null);
    this.#power.spend();
    this.objects.set(key(object), withDefaults({ ...object, spec: Object.fromEntries(merged) }));
    return '';
  }

  #delete(kind: string, names: readonly string[], missingIsFine: boolean): Ending {
    for (const name of names) {
      if (!this.objects.has(`${kind} ${name}`)) {
        if (missingIsFine) continue;
        return refused('NotFound', `"${name}" not found`);
      }
      this.#power.spend();
      this.objects.delete(`${kind} ${name}`);
    }
    return '';
  }
}

const valued = new Set(['--kubeconfig', '--context', '--request-timeout']);
const key = ({ kind, metadata }: FakeObject): string => `${kind} ${metadata.name}`;
const isMeant = ({ metadata: { labels } }: FakeObject, flags: readonly string[]): boolean => {
  const [label, value] = flags[flags.indexOf('-l') + 1]?.split('=') ?? [];
  return !flags.includes('-l') || (label !== undefined && labels?.[label] === value);
};
const noKind = (name: string): Ending => ({
  code: 1,
  stderr: `error: the server doesn't have a resource type "${name.split('.')[0]}"\n`,
});
const refused = (reason: string, what: string): Ending => ({
  code: 1,
  stderr: `Error from server (${reason}): ${what}\n`,
});

/** As calicoctl stores an object: labels that are not Calico's own go into an annotation. */
const stored = ({ metadata: { labels, ...metadata }, ...object }: FakeObject) => ({
  ...object,
  apiVersion: 'crd.projectcalico.org/v1',
  metadata: {
    ...metadata,
    annotations: {
      'projectcalico.org/metadata': JSON.stringify({ creationTimestamp: null, ...(labels && { labels }) }),
    },
  },
});

const withDefaults = (object: FakeObject): FakeObject =>
  object.kind === 'BGPConfiguration'
    ? { ...object, spec: { logSeverityScreen: 'Info', serviceLoadBalancerAggregation: 'Enabled', ...object.spec } }
    : object;
