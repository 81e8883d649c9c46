import type { Machine } from '../machines/machine.ts';

const PKI = '/etc/kubernetes/pki';

/** Names of the members of a cluster's etcd, as the one on a machine knows them. */
export async function etcdMembers(machine: Machine): Promise<readonly string[]> {
  const said = await machine.ask([
    ...['curl', '-s', '--cacert', `${PKI}/etcd/ca.crt`, '--cert', `${PKI}/apiserver-etcd-client.crt`],
    ...['--key', `${PKI}/apiserver-etcd-client.key`, '-d', '{}', 'https://127.0.0.1:2379/v3/cluster/member/list'],
  ]);
  const { members } = JSON.parse(said) as { members: { name: string }[] };
  return members.map(({ name }) => name).toSorted();
}
