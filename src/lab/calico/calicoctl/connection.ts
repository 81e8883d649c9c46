import { existsSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { type Client, connect } from '../../kube/client.ts';
import { at, isFields } from '../../kube/objects/object.ts';
import { Failure } from './failure.ts';

const PREFIX = 'Failed to create Calico API client: ';

/**
 * The datastore as calicoctl finds it: its configuration file, then the environment, then the lab's own kubeconfig in place of the one
 * in the home folder. @throws Failure where there is none
 */
export function connectDatastore(config: string, context: string | undefined, env = process.env): Client {
  const spec = existsSync(config) ? at(load(readFileSync(config, 'utf8')), 'spec') : undefined;
  const setting = (field: string, ...names: readonly string[]) => {
    const written = at(spec, field);
    return typeof written === 'string' ? written : names.map((name) => env[name]).find((value) => value);
  };
  const type = setting('datastoreType', 'CALICO_DATASTORE_TYPE', 'DATASTORE_TYPE') ?? 'kubernetes';
  if (type !== 'kubernetes') throw new Failure(`${PREFIX}${type} is not available in a lab`);
  const kubeconfig = setting('kubeconfig', 'CALICO_KUBECONFIG', 'KUBECONFIG') ?? env['LAB_KUBECONFIG'] ?? '';
  return connect(readKubeconfig(kubeconfig, context));
}

function readKubeconfig(path: string, context: string | undefined) {
  if (!existsSync(path)) throw new Failure(`${PREFIX}stat ${path}: no such file or directory`);
  const config = load(readFileSync(path, 'utf8'));
  const named = (list: string, key: string, name: unknown) => {
    const entries = at(config, list);
    const found = Array.isArray(entries) ? entries.find((entry) => at(entry, 'name') === name) : undefined;
    if (!isFields(found)) throw new Failure(`${PREFIX}invalid configuration: ${key} "${String(name)}" does not exist`);
    return found[key];
  };
  const current = named('contexts', 'context', context ?? at(config, 'current-context'));
  const cluster = named('clusters', 'cluster', at(current, 'cluster'));
  const user = named('users', 'user', at(current, 'user'));
  const token = at(user, 'token');
  const decoded = (from: unknown, field: string) => {
    const data = at(from, field);
    return typeof data === 'string' ? Buffer.from(data, 'base64').toString() : undefined;
  };
  const ca = decoded(cluster, 'certificate-authority-data');
  const cert = decoded(user, 'client-certificate-data');
  const key = decoded(user, 'client-key-data');
  return {
    url: String(at(cluster, 'server')),
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(typeof token === 'string' && { token }),
  };
}
