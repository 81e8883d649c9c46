import { isFields, type KubeObject, type ObjectMeta } from '../kube/objects/object.ts';

const METADATA = 'projectcalico.org/metadata';

/**
 * The crd.projectcalico.org/v1 object that holds a projectcalico.org/v3 object: name, resource version and labels and annotations
 * that are Calico's own stay where they are, all other metadata goes into one annotation as JSON.
 * Source: libcalico-go `ConvertCalicoResourceToK8sResource` of v3.31.
 */
export function toCrd(v3: KubeObject): KubeObject {
  const { name, namespace, resourceVersion, uid, labels, annotations, ...rest } = v3.metadata;
  // Field order is Go's: that of ObjectMeta, not of the alphabet.
  const kept = {
    creationTimestamp: rest.creationTimestamp ?? null,
    ...(nonEmpty(labels) && { labels }),
    ...(nonEmpty(annotations) && { annotations }),
    ...(Array.isArray(rest['ownerReferences']) && { ownerReferences: rest['ownerReferences'] }),
    ...(Array.isArray(rest['finalizers']) && { finalizers: rest['finalizers'] }),
  };
  const ours = pick(labels);
  const metadata = {
    annotations: { [METADATA]: JSON.stringify(kept), ...pick(annotations) },
    ...(rest.creationTimestamp !== undefined && { creationTimestamp: rest.creationTimestamp }),
    ...(nonEmpty(ours) && { labels: ours }),
    name,
    ...(namespace !== undefined && { namespace }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(uid !== undefined && { uid: convertUid(uid) }),
  };
  return { ...v3, apiVersion: 'crd.projectcalico.org/v1', metadata };
}

/** The other way. An object without the annotation, written by kubectl, keeps the metadata that it has. */
export function fromCrd(crd: KubeObject): KubeObject {
  const { [METADATA]: json, ...ownAnnotations } = crd.metadata.annotations ?? {};
  const { name, namespace, resourceVersion, uid, creationTimestamp, labels: ownLabels } = crd.metadata;
  const kept = parse(json);
  const labels = { ...ownLabels, ...kept.labels };
  const annotations = { ...ownAnnotations, ...kept.annotations };
  const metadata: ObjectMeta = {
    ...(nonEmpty(annotations) && { annotations }),
    creationTimestamp: kept.creationTimestamp ?? creationTimestamp ?? null,
    ...(nonEmpty(labels) && { labels }),
    name,
    ...(namespace !== undefined && { namespace }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(uid !== undefined && { uid: convertUid(uid) }),
  };
  return { ...crd, apiVersion: 'projectcalico.org/v3', metadata };
}

function parse(json: string | undefined): Partial<ObjectMeta> {
  if (json === undefined) return {};
  const value: unknown = JSON.parse(json);
  return isFields(value) ? value : {};
}

const nonEmpty = (record: Readonly<Record<string, string>> | undefined) =>
  record !== undefined && Object.keys(record).length > 0;

/** Labels and annotations that Calico owns stand on the CRD object too. */
const pick = (record: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(
    Object.entries(record).filter(([key]) => key.includes('projectcalico.org/') || key.includes('operator.tigera.io/')),
  );

/**
 * The UID that the other API shows for the same object: the bits of each byte reversed, but for those that carry version and
 * variant. It is its own inverse. [measured on Calico v3.31.7]
 */
export function convertUid(uid: string): string {
  const bytes = Buffer.from(uid.replaceAll('-', ''), 'hex');
  const reversed = bytes.map((byte, index) => (index === 6 || index === 8 ? byte : reverseBits(byte)));
  return Buffer.from(reversed)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const reverseBits = (byte: number) =>
  Number.parseInt(byte.toString(2).padStart(8, '0').split('').reverse().join(''), 2);
