import { z } from 'zod';
import { reading } from '../core/reading.ts';
import type { Output, Query } from '../core/transport.ts';
import { OWNER_QUESTION, parseOwner } from './owner.ts';
import { CA_CERTIFICATE, KUBELET_FLAGS } from './paths.ts';
import { caPin } from './pin.ts';
import { etcdOf, MARKER_QUESTION, stageOf } from './stage.ts';

/**
 * A node of a cluster, which is known by the public key of its certificate authority; or what was begun and not brought to its end.
 * `damaged`: it was a whole node before. `etcd`: whose the data of an etcd are that are there.
 */
export const Member = z.union([
  z.strictObject({
    stage: z.literal('joined'),
    role: z.enum(['control-plane', 'worker']),
    address: z.string(),
    cluster: z.string(),
  }),
  z.strictObject({
    stage: z.literal('begun'),
    damaged: z.literal(true).optional(),
    etcd: z.enum(['ours', 'theirs']).optional(),
  }),
]);
export type Member = z.infer<typeof Member>;

/** Asks for what kubeadm has told the kubelet of a host. */
const FLAGS_QUESTION = reading(['cat', KUBELET_FLAGS], { codes: [1] });

/** All that is asked of a host to know what it is in a cluster, in one round trip. Nobody else is asked: it may be the only one alive. */
export const memberQuestions = [
  MARKER_QUESTION,
  OWNER_QUESTION,
  reading(['cat', CA_CERTIFICATE], { codes: [1] }),
  FLAGS_QUESTION,
];

export function memberOf(
  [markers, owned, certificate, flags]: readonly Output[],
  cluster: string,
): { readonly value: Member; readonly ours: boolean } | undefined {
  const stage = stageOf(markers ?? {});
  const owner = parseOwner(owned?.stdout ?? '');
  const ours = owner?.cluster === cluster;
  const etcd = etcdOf(markers ?? {}, ours && owner.controlPlane);
  const begun = (damaged: boolean): Member => ({
    stage: 'begun',
    ...(damaged ? { damaged } : {}),
    ...(etcd === undefined ? {} : { etcd }),
  });
  if (stage === 'none') return ours ? { value: begun(false), ours } : undefined;
  const pin = caPin(certificate?.stdout ?? '');
  const isWhole = (stage === 'joined' || stage === 'control-plane') && (!ours || owner.ready);
  if (!isWhole || pin === undefined) return { value: begun(ours && owner.ready), ours };
  const address = addressIn(flags) ?? '';
  const role = stage === 'joined' ? 'worker' : 'control-plane';
  return { value: { stage: 'joined', role, address, cluster: pin }, ours };
}

/** The address that a host was given in its cluster, also where its join was cut off. */
export const nodeAddress = async (machine: Query): Promise<string | undefined> =>
  addressIn(await machine.query(FLAGS_QUESTION));

const addressIn = (flags: Output | undefined): string | undefined =>
  /--node-ip=([\d.]+)/.exec(flags?.stdout ?? '')?.[1];
