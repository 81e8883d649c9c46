import type { Client } from '../../kube/client.ts';
import { at } from '../../kube/objects/object.ts';
import type { Arguments, Verb } from './arguments.ts';
import { type Datastore, openDatastore } from './datastore.ts';
import { type Loaded, loadResources } from './documents.ts';
import { Failure } from './failure.ts';
import { type Found, print } from './print.ts';
import { type ResourceType, typeNamed } from './resources.ts';

const CLUSTER_INFORMATION = '/apis/crd.projectcalico.org/v1/clusterinformations/default';

/** @throws Failure when the cluster's Calico is of another version than this calicoctl */
export async function checkVersion(client: Client, version: string): Promise<void> {
  const cluster = at(await client.get(CLUSTER_INFORMATION), 'spec', 'calicoVersion');
  if (typeof cluster !== 'string' || cluster === '') return;
  const plain = (text: string) => text.replace(/^v/, '').split('-')[0];
  if (plain(cluster) === plain(version)) return;
  throw new Failure(
    `Version mismatch.\nClient Version:   ${version}\nCluster Version:  ${plain(cluster)}\nUse --allow-version-mismatch to override.\n`,
  );
}

/** `calicoctl version`. */
export async function showVersion(client: Client, version: string, print: (text: string) => void): Promise<void> {
  print(`Client Version:    ${version}\nGit commit:        \n`);
  const information = await client.get(CLUSTER_INFORMATION);
  if (information === undefined)
    throw new Failure(
      'Unable to retrieve Cluster Version or Type: resource does not exist: ClusterInformation(default)',
    );
  const field = (name: string) => String(at(information, 'spec', name) ?? 'unknown');
  print(`Cluster Version:   ${field('calicoVersion')}\nCluster Type:      ${field('clusterType')}\n`);
}

/** Runs a verb that changes or shows resources; what it prints on stdout goes through `out`. @throws Failure */
export async function run(verb: Verb, args: Arguments, client: Client, out: (text: string) => void): Promise<void> {
  const datastore = openDatastore(client);
  if (verb === 'get') return get(datastore, args, out);
  const targets = args.filename === undefined ? byArguments(args) : fromFile(args.filename);
  const outcome = await each(targets, (target) => act(datastore, verb, target, args));
  report(verb, targets, outcome, out);
}

type Target = { readonly type: ResourceType; readonly name: string; readonly loaded?: Loaded };

function byArguments({ kind = '', names }: Arguments): readonly Target[] {
  const type = typeNamed(kind);
  if (type === undefined) throw new Failure(`resource type '${kind}' is not supported`);
  if (names.length === 0) throw new Failure('resource name may not be empty');
  return names.map((name) => ({ type, name }));
}

function fromFile(filename: string): readonly Target[] {
  const failed = (error: unknown) => {
    throw error instanceof Failure ? new Failure(`Failed to execute command: ${error.message}`) : error;
  };
  const load = () => {
    try {
      return loadResources(filename);
    } catch (error) {
      return failed(error);
    }
  };
  const targets = load().map((loaded) => ({ type: loaded.type, name: loaded.object.metadata.name, loaded }));
  if (targets.length === 0) throw new Failure(`No resources specified in file ${filename}`);
  return targets;
}

/** One failure does not keep the rest from being tried. */
async function each(targets: readonly Target[], act: (target: Target) => Promise<void>): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  for (const target of targets) {
    try {
      await act(target);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  return failures;
}

async function act(datastore: Datastore, verb: Exclude<Verb, 'get'>, target: Target, args: Arguments): Promise<void> {
  const { type, name, loaded } = target;
  try {
    if (verb === 'delete') await datastore.delete(type, name);
    else if (verb === 'patch') await datastore.patch(type, name, args.patch ?? '');
    else if (loaded !== undefined) await datastore[verb === 'replace' ? 'update' : verb](type, loaded.object);
  } catch (error) {
    const about = error instanceof Failure ? error.about : undefined;
    const forgiven = (about === 'exists' && args.skipExists) || (about === 'missing' && args.skipNotExists);
    if (!forgiven) throw error;
  }
}

const PAST = { apply: 'applied', create: 'created', replace: 'replaced', delete: 'deleted', patch: 'patched' } as const;

/** The last words of each verb. They differ, since calicoctl's do. */
function report(
  verb: Exclude<Verb, 'get'>,
  targets: readonly Target[],
  failures: readonly Failure[],
  out: (text: string) => void,
): void {
  const kinds = new Set(targets.map(({ type }) => type.kind));
  const kind = kinds.size === 1 ? ` '${[...kinds][0]}'` : '';
  const messages = failures.map(({ message }) => message);
  const total = targets.length;
  const done = total - failures.length;
  if (failures.length === 0) {
    out(`Successfully ${PAST[verb]} ${total}${kind} resource${verb === 'patch' ? '' : '(s)'}\n`);
    return;
  }
  switch (verb) {
    case 'delete':
      if (done > 0) out(`Successfully deleted ${done}${kind} resource(s)\n`);
      throw new Failure(messages.map((message) => `Failed to delete${kind} resource: ${message}\n`).join(''));
    case 'patch':
      throw new Failure(`Hit error: ${messages.at(-1)}`);
    case 'replace':
      out(`Partial success: replaced the first ${total} out of ${total}${kind} resources:\n`);
      throw new Failure(`Hit error: ${messages.at(-1)}`);
    case 'apply':
    case 'create': {
      const list = `[${messages.join(' ')}]`;
      if (done === 0) {
        throw new Failure(
          total === 1
            ? `Failed to ${verb}${kind} resource: ${list}`
            : `Failed to ${verb} any${kind || ''} resources: ${list}`,
        );
      }
      if (done > failures.length)
        out(`Partial success: ${PAST[verb]} the first ${done} out of ${total}${kind} resources:\n`);
      throw new Failure(`${verb === 'apply' ? 'Hit error(s)' : 'Hit error'}: ${list}`);
    }
  }
}

async function get(datastore: Datastore, args: Arguments, out: (text: string) => void): Promise<void> {
  const targets: readonly Target[] = args.filename === undefined ? [] : fromFile(args.filename);
  const type = targets[0]?.type ?? typeNamed(args.kind ?? '');
  if (type === undefined) throw new Failure(`resource type '${args.kind}' is not supported`);
  const names = args.filename === undefined ? args.names : targets.map(({ name }) => name);
  const { found, failures } = await look(datastore, type, names);
  const bgp = typeNamed('bgpconfiguration');
  const defaults =
    type.kind !== 'Node' || bgp === undefined
      ? undefined
      : (await datastore.list(bgp)).items.find(({ metadata }) => metadata.name === 'default');
  out(print(type, found, args.output, String(at(defaults, 'spec', 'asNumber') ?? 64512)));
  if (failures.length > 0) throw new Failure(failures.map(({ message }) => message).join('\n'));
}

async function look(datastore: Datastore, type: ResourceType, names: readonly string[]) {
  if (names.length === 0) {
    const list = await datastore.list(type);
    return { found: { what: 'list', ...list } satisfies Found, failures: [] };
  }
  const results = await Promise.allSettled(names.map((name) => datastore.get(type, name)));
  const objects = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  const failures = reasons.map((reason) => {
    if (reason instanceof Failure) return reason;
    throw reason;
  });
  return { found: { what: 'objects', objects } satisfies Found, failures };
}
