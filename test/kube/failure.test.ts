import { expect, test } from 'vitest';
import { kubeFailure } from '../../src/kube/failure.ts';

const said = (stderr: string, code = 1) => kubeFailure('kubectl get nodes', 'vm', { stdout: '', stderr, code });

test.for([
  [
    'The connection to the server 10.1.20.20:6443 was refused - did you specify the right host or port?',
    'KUBE.UNREACHABLE',
  ],
  ['Unable to connect to the server: net/http: TLS handshake timeout', 'KUBE.UNREACHABLE'],
  [
    'Unable to connect: Get "https://10.1.20.20:6443/api": dial tcp 10.1.20.20:6443: connect: connection refused',
    'KUBE.UNREACHABLE',
  ],
  ['error: stat /etc/none: no such file or directory', 'KUBE.CONFIG'],
  ['error: context "none" does not exist', 'KUBE.CONFIG'],
  [
    'Error from server (InternalError): failed calling webhook "x": dial tcp 10.43.0.9:443: connect: connection refused',
    'KUBE.REFUSED',
  ],
  ['error: the server doesn\'t have a resource type "bgpfilters"', 'KUBE.KIND'],
  ['Error from server (Forbidden): bgppeers.crd.projectcalico.org is forbidden', 'KUBE.REFUSED'],
  ['error: You must be logged in to the server (Unauthorized)', 'KUBE.LOGIN'],
  [
    'error: You must be logged in to the server (the server has asked for the client to provide credentials)',
    'KUBE.LOGIN',
  ],
  ['Unable to connect to the server: getting credentials: exec: executable aws not found', 'KUBE.LOGIN'],
  ['Unable to connect to the server: getting credentials: exec: executable gke failed with exit code 1', 'KUBE.LOGIN'],
  ['Unable to connect to the server: remote error: tls: expired certificate', 'KUBE.LOGIN'],
  [
    'Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'KUBE.TRUST',
  ],
  [
    'Unable to connect to the server: x509: certificate has expired or is not yet valid: current time 2026-11-26T04:05:58Z is after 2025-11-26T04:05:58Z',
    'KUBE.TRUST',
  ],
  [
    'Error from server (InternalError): failed calling webhook "x": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'KUBE.REFUSED',
  ],
  [
    'Error from server: error dialing backend: tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'KUBE.REFUSED',
  ],
  [
    'Error from server (ServiceUnavailable): error trying to reach service: x509: certificate signed by unknown authority',
    'KUBE.UNREACHABLE',
  ],
  ['Error from server (BadRequest): error decoding request: x509: malformed csr', 'KUBE.REFUSED'],
  [
    'Error from server (InternalError): Internal error occurred: failed calling webhook "x":\nPost "https://x.svc:443/": x509: certificate has expired',
    'KUBE.REFUSED',
  ],
  [
    'error when creating "-": Internal error occurred: failed calling webhook "x":\nPost "https://x.svc:443/": x509: certificate has expired',
    'KUBE.REFUSED',
  ],
  ["couldn't get the API's groups: the server has asked for the client to provide credentials", 'KUBE.LOGIN'],
  [
    'Error from server (InternalError): failed calling webhook "x": the server has asked for the client to provide credentials',
    'KUBE.REFUSED',
  ],
  ['Failed to get resources: connection is unauthorized: Unauthorized', 'KUBE.LOGIN'],
  ['error: unable to upgrade connection: Unauthorized', 'KUBE.REFUSED'],
  ['The connection to the server localhost:8080 was refused - did you specify the right host or port?', 'KUBE.CONFIG'],
  [
    'Error from server (Forbidden): nodes is forbidden: User "weak" cannot list resource "nodes" in API group "" at the cluster scope',
    'KUBE.FORBIDDEN',
  ],
  [
    'Failed to create 1 resources: [connection is unauthorized: bgppeers.crd.projectcalico.org is forbidden: User "weak" cannot create resource "bgppeers" in API group "crd.projectcalico.org" at the cluster scope]',
    'KUBE.FORBIDDEN',
  ],
] as const)('%s is %s', ([text, code]) => {
  expect(said(text)).toMatchObject({ code, evidence: expect.arrayContaining([{ label: 'answer', text }]) });
});

test('what kubectl logs of its tries does not hide what came of them', () => {
  const tries = 'E1123 04:22:50.306575   31726 memcache.go:265] "Unhandled Error" err="dial tcp 10.1.20.20:6443"\n';
  const text = 'The connection to the server 10.1.20.20:6443 was refused - did you specify the right host or port?';
  expect(said(`${tries.repeat(20)}${text}\n`)).toMatchObject({
    code: 'KUBE.UNREACHABLE',
    evidence: expect.arrayContaining([{ label: 'answer', text }]),
  });
});

test('what kubectl logs is told without its clutter where it says nothing else', () => {
  const line =
    'E1123 04:22:50.306575   31726 memcache.go:265] "Unhandled Error" err="couldn\'t get \\"v1\\": dial tcp 10.1.20.20:6443: connect: connection refused" logger="x"';
  expect(said(`${line}\n${line}\n`)).toMatchObject({
    code: 'KUBE.UNREACHABLE',
    message: 'the Kubernetes API does not answer vm',
    evidence: expect.arrayContaining([
      { label: 'answer', text: 'couldn\'t get "v1": dial tcp 10.1.20.20:6443: connect: connection refused' },
    ]),
  });
  const odd = said('W1123 04:22:50.306575   31726 warnings.go:70] something else failed\n');
  expect(odd.message).toBe('the Kubernetes API refused: something else failed');
});

test('a program that is not there is named, with the host', () => {
  expect(said('sh: kubectl: not found', 127)).toMatchObject({
    code: 'KUBE.TOOL',
    message: 'kubectl is not installed on vm',
  });
});

test('a program that is not there inside a pod is no missing kubectl, and a dead node no dead API', () => {
  expect(said('command terminated with exit code 127', 127).code).toBe('KUBE.REFUSED');
  const dead = 'Error from server: error dialing backend: dial tcp 172.19.0.3:10250: connect: no route to host';
  expect(said(dead).code).toBe('KUBE.REFUSED');
});

test('each right that is missing is named, once', () => {
  const one = (verb: string, what: string, group: string, where: string) =>
    `Error from server (Forbidden): ${what} is forbidden: User "weak" cannot ${verb} resource "${what}" in API group "${group}" ${where}\n`;
  const text = [
    one('list', 'nodes', '', 'at the cluster scope'),
    one('delete', 'bgppeers', 'crd.projectcalico.org', 'at the cluster scope').repeat(2),
    one('list', 'secrets', '', 'in the namespace "calico-system"'),
  ].join('');
  expect(said(text)).toMatchObject({
    code: 'KUBE.FORBIDDEN',
    message:
      'the user of the kubeconfig on vm may not list nodes, nor delete bgppeers.crd.projectcalico.org, nor list secrets in calico-system',
  });
});
