import { randomBytes } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { LabLayout } from '../layout.ts';
import type { LabSpec } from '../spec.ts';

/** Files by which clients and the API server know each other. */
export interface Credentials {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  /** Holds the bearer token of the administrator. */
  readonly token: string;
}

export const credentials = ({ root }: Pick<LabLayout, 'root'>): Credentials => {
  const file = (name: string) => join(root, 'api', name);
  return { ca: file('ca.crt'), certificate: file('server.crt'), key: file('server.key'), token: file('token') };
};

/** Where clients of the lab's own network reach the API server. */
export function apiAddress({ topology, vm, nodes: [first] }: LabSpec): string {
  return (topology === 'vm' ? vm : first?.address) ?? '127.0.0.1';
}

/** Makes what is missing: a certificate authority, the server's certificate, a token. Kept, so that a kubeconfig stays valid. */
export async function ensureCredentials(spec: LabSpec, layout: LabLayout): Promise<Credentials> {
  const files = credentials(layout);
  const caKey = join(layout.root, 'api', 'ca.key');
  await mkdir(join(layout.root, 'api'), { recursive: true, mode: 0o700 });
  // Written last: where it is, the rest is whole.
  if (await exists(files.token)) return files;
  const subjectAltName = [apiAddress(spec), '127.0.0.1'].map((address) => `IP:${address}`).join(',');
  await selfSigned(['-subj', `/CN=${spec.name}-ca`, '-keyout', caKey, '-out', files.ca]);
  await selfSigned([
    ...['-subj', '/CN=kube-apiserver', '-keyout', files.key, '-out', files.certificate],
    ...['-CA', files.ca, '-CAkey', caKey],
    ...['-addext', `subjectAltName=${subjectAltName},DNS:kubernetes,DNS:kubernetes.default,DNS:localhost`],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
  ]);
  await writeFile(files.token, randomBytes(24).toString('hex'), { mode: 0o600 });
  return files;
}

const selfSigned = (args: readonly string[]) =>
  execa('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '3650'],
    ...args,
  ]);

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
