import { readFile, writeFile } from 'node:fs/promises';
import { dump } from 'js-yaml';
import type { LabLayout } from '../layout.ts';
import type { LabSpec } from '../spec.ts';
import { apiAddress, type Credentials } from './certificates.ts';

/** Writes the administrator's kubeconfig of the lab. */
export async function writeKubeconfig(spec: LabSpec, layout: LabLayout, { ca, token }: Credentials): Promise<void> {
  const authority = await readFile(ca);
  const { name } = spec;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          'certificate-authority-data': authority.toString('base64'),
          server: `https://${apiAddress(spec)}:6443`,
        },
      },
    ],
    users: [{ name: `admin@${name}`, user: { token: await readFile(token, 'utf8') } }],
    contexts: [{ name, context: { cluster: name, user: `admin@${name}` } }],
    'current-context': name,
  };
  await writeFile(layout.kubeconfig, dump(config), { mode: 0o600 });
}
