import { describe, expect, test } from 'vitest';
import { Facts } from '../../src/core/facts.ts';
import { calicoApi } from '../../src/kube/calico-api.ts';
import { labelsOf } from '../../src/kube/calico-objects.ts';
import { put, send } from '../../src/kube/calico-write.ts';
import { calicoctl } from '../../src/kube/calicoctl.ts';
import { getObjects, kubectl } from '../../src/kube/kubectl.ts';
import { type Ending, fakeContext, Power } from '../helpers/fake-host.ts';
import { FakeKube } from '../helpers/fake-kube.ts';

const access = { host: 'vm', kubeconfig: '/run/kubeconfig' };
const saying = (ending: Ending) =>
  fakeContext({ vm: { name: 'vm', programs: { kubectl: () => ending, env: () => ending } } });

describe('kubectl', () => {
  test('is told which cluster, and to give up in time', () => {
    expect(kubectl({ ...access, context: 'two' }, 'get', 'nodes').join(' ')).toBe(
      'kubectl --kubeconfig /run/kubeconfig --context two --request-timeout 20s get nodes',
    );
    expect(calicoctl({ ...access, context: 'two' }, 'version').join(' ')).toBe(
      'env CALICO_DATASTORE_TYPE=kubernetes CALICO_KUBECONFIG=/run/kubeconfig calicoctl version --context=two',
    );
  });

  test.each([
    [
      'The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?',
      'UNREACHABLE',
    ],
    ['Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout', 'UNREACHABLE'],
    ['Unable to connect to the server: x509: certificate signed by unknown authority', 'TRUST'],
    ['Unable to connect to the server: net/http: TLS handshake timeout', 'UNREACHABLE'],
    ['Error from server (ServiceUnavailable): the server is currently unable to handle the request', 'UNREACHABLE'],
    ['error: stat /run/kubeconfig: no such file or directory', 'CONFIG'],
    ['error: context "nope" does not exist', 'CONFIG'],
    ['Please enter Username: error: EOF', 'CONFIG'],
    ['error: You must be logged in to the server (Unauthorized)', 'LOGIN'],
    ['error: the server doesn\'t have a resource type "bgppeers"', 'KIND'],
    ['Error from server (Forbidden): nodes is forbidden', 'REFUSED'],
    ['Error from server: error dialing backend: dial tcp 172.19.0.3:10250: i/o timeout', 'REFUSED'],
    // kubectl and API 1.34, a node that is down
    [
      'error: Internal error occurred: error sending request: Post "https://10.1.20.22:10250/exec/kube-system/calico-node-pdv4k/calico-node?command=birdcl&error=1&output=1": dial tcp 10.1.20.22:10250: connect: no route to host',
      'REFUSED',
    ],
    ['error: unable to upgrade connection: pod does not exist', 'REFUSED'],
    ['', 'REFUSED'],
  ])('%s is KUBE.%s', async (stderr, code) => {
    await expect(getObjects(saying({ code: 1, stderr }), access, 'nodes')).rejects.toMatchObject({
      code: `KUBE.${code}`,
    });
  });

  test('a host without kubectl is told so', async () => {
    const ctx = fakeContext({ vm: { name: 'vm', programs: {} } });
    await expect(getObjects(ctx, access, 'nodes')).rejects.toMatchObject({ code: 'KUBE.TOOL' });
  });

  test.each(['', '{"items": [', '{"items": [{"kind": "Node"}]}', '<html>', 'null'])(
    '%j is no answer',
    async (stdout) => {
      await expect(getObjects(saying(stdout), access, 'nodes')).rejects.toMatchObject({ code: 'KUBE.ANSWER' });
    },
  );

  test('a calicoctl of another version is explained, not quoted alone', async () => {
    const place = { identity: 'uid-1', kube: access, cluster: 'cpaas1', api: 'crd' } as const;
    const stderr = 'Version mismatch.\nClient Version:   v3.30.0\nCluster Version:  v3.31.7\n';
    const commands = put('create', place, [{ kind: 'BGPFilter', name: 'a', spec: {} }]);
    await expect(send(saying({ code: 1, stderr }), place, commands)).rejects.toMatchObject({ code: 'CALICO.VERSION' });
  });
});

describe('a calicoctl.cfg on the host', () => {
  const place = { identity: 'uid-1', kube: access, cluster: 'cpaas1', api: 'crd' } as const;
  const writeBeside = (config: string) => {
    const power = new Power();
    const kube = new FakeKube(power, { api: 'crd' });
    const files = new Map([['/etc/calico/calicoctl.cfg', config]]);
    const ctx = fakeContext({ vm: { name: 'vm', programs: kube.programs, files } });
    return send(ctx, place, put('create', place, [{ kind: 'BGPFilter', name: 'a', spec: {} }]));
  };

  test('that leads to another cluster stops the write: calicoctl would follow it', async () => {
    const other = 'spec: {datastoreType: kubernetes, kubeconfig: /home/u/.kube/config}';
    await expect(writeBeside(other)).rejects.toMatchObject({ code: 'CALICO.CONFIG' });
    await expect(writeBeside('spec: {etcdEndpoints: "https://10.0.0.1"}')).rejects.toMatchObject({
      code: 'CALICO.CONFIG',
    });
  });

  test('that leads to ours does not', async () => {
    await writeBeside('spec: {datastoreType: kubernetes, kubeconfig: /run/kubeconfig}');
  });
});

describe("Calico's API", () => {
  const served = (kube: FakeKube) =>
    new Facts(fakeContext({ vm: { name: 'vm', programs: kube.programs } })).get(calicoApi(access));

  test('kubectl writes where v3 is served, calicoctl where only the stored form is', async () => {
    expect(await served(new FakeKube(new Power(), { api: 'v3' }))).toBe('v3');
    expect(await served(new FakeKube(new Power(), { api: 'crd' }))).toBe('crd');
  });

  test('a cluster without Calico is told so', async () => {
    const broken = '{"groups":[{"name":"apps","versions":[{"version":"v1"}]}]}';
    await expect(served(new FakeKube(new Power(), { api: 'crd', broken }))).rejects.toMatchObject({
      code: 'CALICO.MISSING',
    });
  });

  test('labels are found where kubectl and where calicoctl keep them', () => {
    const object = (metadata: object) => ({
      apiVersion: 'crd.projectcalico.org/v1',
      kind: 'BGPPeer',
      metadata: { name: 'a', ...metadata },
    });
    const annotation = (json: string) => ({ annotations: { 'projectcalico.org/metadata': json } });
    expect(labelsOf(object({ labels: { a: '1' }, ...annotation('{"labels":{"b":"2"}}') }))).toEqual({ a: '1', b: '2' });
    expect(labelsOf(object(annotation('{"creationTimestamp":null,"labels":null}')))).toEqual({});
    expect(labelsOf(object(annotation('not json')))).toEqual({});
    expect(labelsOf(object({}))).toEqual({});
  });
});
