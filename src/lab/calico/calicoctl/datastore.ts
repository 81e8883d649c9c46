import { type Client, Refusal } from '../../kube/client.ts';
import { type Fields, type KubeObject, timestamp } from '../../kube/objects/object.ts';
import { mergePatch } from '../../kube/objects/patch.ts';
import { fromCrd, toCrd } from '../metadata.ts';
import { describe } from '../validation/problem.ts';
import { validate } from '../validation/validate.ts';
import { checkedResource } from './documents.ts';
import { Failure } from './failure.ts';
import { fromKubernetesNode } from './node.ts';
import type { ResourceType } from './resources.ts';

/** Calico's resources over the CRDs that hold them, as libcalico-go's client reads and writes them. */
export interface Datastore {
  list(type: ResourceType): Promise<{ readonly items: readonly KubeObject[]; readonly resourceVersion: string }>;
  get(type: ResourceType, name: string): Promise<KubeObject>;
  create(type: ResourceType, object: KubeObject): Promise<void>;
  /** Replaces the spec; labels and annotations are added to those that are there. */
  update(type: ResourceType, object: KubeObject): Promise<void>;
  apply(type: ResourceType, object: KubeObject): Promise<void>;
  patch(type: ResourceType, name: string, patch: string): Promise<void>;
  delete(type: ResourceType, name: string): Promise<void>;
}

export function openDatastore(client: Client): Datastore {
  const shown = ({ kind }: ResourceType, stored: KubeObject) =>
    kind === 'Node' ? fromKubernetesNode(stored) : fromCrd(stored);
  const identified = ({ kind }: ResourceType, name: string) => `${kind}(${name})`;

  function writable(type: ResourceType, verb: string): void {
    if (type.kind === 'ClusterInformation') {
      throw new Failure(`operation ${verb} is not supported on ClusterInformation: resource is readonly`);
    }
    if (type.kind === 'Node') throw new Failure(`operation ${verb} is not supported on Node in a lab`);
  }

  function valid(object: KubeObject, old?: KubeObject): void {
    const problems = validate(object, old);
    if (problems.length > 0) throw new Failure(describe(problems));
  }

  async function get(type: ResourceType, name: string): Promise<KubeObject> {
    const stored = await client.get(`${type.path}/${name}`);
    if (stored !== undefined) return shown(type, stored);
    const plural = type.path.split('/').at(-1);
    const qualified = type.kind === 'Node' ? plural : `${plural}.crd.projectcalico.org`;
    throw new Failure(
      `resource does not exist: ${identified(type, name)} with error: ${qualified} "${name}" not found`,
      'missing',
    );
  }

  async function create(type: ResourceType, object: KubeObject): Promise<void> {
    writable(type, 'create');
    valid(object);
    const { name, labels, annotations } = object.metadata;
    const metadata = {
      name,
      creationTimestamp: timestamp(),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
    };
    const created = await said(client.create(type.path, toCrd({ ...object, metadata })));
    if (created === undefined) throw new Failure(`resource already exists: ${identified(type, name)}`, 'exists');
  }

  async function put(type: ResourceType, object: KubeObject): Promise<void> {
    const updated = await said(client.update(`${type.path}/${object.metadata.name}`, toCrd(object)));
    if (updated === undefined) throw new Failure(`update conflict: ${identified(type, object.metadata.name)}`);
  }

  async function update(type: ResourceType, object: KubeObject): Promise<void> {
    writable(type, 'update');
    const old = await get(type, object.metadata.name);
    valid(object, old);
    const asked = object.metadata.resourceVersion;
    if (asked !== undefined && asked !== old.metadata.resourceVersion) {
      throw new Failure(`update conflict: ${identified(type, object.metadata.name)}`);
    }
    const merged = (field: 'labels' | 'annotations') => ({ ...old.metadata[field], ...object.metadata[field] });
    const metadata = { ...old.metadata, labels: merged('labels'), annotations: merged('annotations') };
    await put(type, { ...object, metadata });
  }

  return {
    async list(type) {
      const { items, resourceVersion } = await client.list(type.path);
      return { items: items.map((item) => shown(type, item)), resourceVersion };
    },
    get,
    create,
    update,
    async apply(type, object) {
      writable(type, 'apply');
      const { resourceVersion, ...metadata } = object.metadata;
      try {
        await create(type, { ...object, metadata: { ...metadata, name: metadata.name } });
      } catch (error) {
        if (!(error instanceof Failure && error.about === 'exists')) throw error;
        await update(type, object);
      }
    },
    async patch(type, name, patch) {
      writable(type, 'update');
      const old = await get(type, name);
      const patched = mergePatch(old, parsePatch(patch)) as Fields;
      const { object } = checkedResource(patched);
      valid(object, old);
      await put(type, object);
    },
    async delete(type, name) {
      writable(type, 'delete');
      await get(type, name);
      await client.delete(`${type.path}/${name}`);
    },
  };
}

/** What the API server refuses reaches the user in its words. */
const said = <T>(answer: Promise<T>): Promise<T> =>
  answer.catch((error: unknown) => {
    throw error instanceof Refusal ? new Failure(error.message) : error;
  });

function parsePatch(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure('permorming strategic merge patch: invalid JSON document');
  }
}
