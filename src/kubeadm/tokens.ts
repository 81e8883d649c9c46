import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Reader, Writer } from '../core/context.ts';
import { CpaasError, isUnreachable } from '../core/errors.ts';
import { reading } from '../core/reading.ts';
import type { Transport } from '../core/transport.ts';
import type { KubeAccess } from '../kube/access.ts';
import { kubeFailure } from '../kube/failure.ts';
import { kubectl } from '../kube/kubectl.ts';
import { uploadConfig } from './config.ts';
import { ADMIN_CONF } from './paths.ts';
import { kubeadmWithConfig } from './run.ts';

const TTL = '15m';
const KUBEADM_VERSION = reading(['kubeadm', 'version', '-o', 'short']);
const Token = z.string().regex(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
/** kubeadm keeps the certificates for further control planes in a secret, and a token that ends it. */
const CERTIFICATES = 'kubeadm-certs';
const CERTIFICATES_TOKEN = 'Proxy for managing TTL for the kubeadm-certs secret';

/** What tokens of one join, or of an init, are called: who finds one knows whose it is. */
export const tokenName = (cluster: string, node: string): string => `cpaas ${cluster}: ${node}`;

export const mintCommand = (name: string): readonly string[] => [
  'kubeadm',
  'token',
  'create',
  '--ttl',
  TTL,
  '--description',
  name,
];

/** A token that joins one node. It exists in the cluster, in this process and in the joining one's input, and nowhere else. */
export async function mintToken(controlPlane: Transport, name: string): Promise<string> {
  const { stdout } = await controlPlane.run(mintCommand(name), { timeout: 120_000 });
  const { data } = Token.safeParse(stdout.trim().split('\n').at(-1));
  if (data !== undefined) return data;
  throw new CpaasError('KUBEADM.ANSWER', `kubeadm on ${controlPlane.name} gave no token where one was asked for`);
}

const UPLOAD = kubeadmWithConfig('init', 'phase', 'upload-certs', '--upload-certs', '--skip-certificate-key-print');

/** What `uploadCertificates` sends, for people. */
export const uploadCommand = { argv: UPLOAD, stdin: uploadConfig('<its own>', '<key>') };

/**
 * Lays the control plane's certificates ready for another one, under a key that is made here and given back. It exists in this process
 * and in the input of both sides, and nowhere else.
 */
export async function uploadCertificates(controlPlane: Transport): Promise<string> {
  const key = randomBytes(32).toString('hex');
  const { stdout } = await controlPlane.query(KUBEADM_VERSION);
  try {
    await controlPlane.run(UPLOAD, { timeout: 120_000, stdin: uploadConfig(stdout.trim(), key) });
  } catch (error) {
    throw withoutSecrets(error, [key]);
  }
  return key;
}

const TOKEN_SECRETS = [
  'get',
  'secrets',
  '--namespace',
  'kube-system',
  '--field-selector',
  'type=bootstrap.kubernetes.io/token',
  '--no-headers',
  '-o',
  'custom-columns=NAME:.metadata.name,DESCRIPTION:.data.description',
] as const;

const forget = (access: KubeAccess, secrets: readonly string[]): readonly string[] =>
  kubectl(access, 'delete', 'secret', '--namespace', 'kube-system', '--ignore-not-found', ...secrets);

/** What `deleteTokens` sends, for people. */
export const deleteTokensCommand = (access: KubeAccess): readonly string[] => forget(access, ['<tokens of this run>']);

/** Where the cluster of the tokens does not answer, or another one stands in its place. */
const SILENT = new Set<string>(['KUBE.UNREACHABLE', 'KUBE.TRUST']);

/**
 * Deletes every token of a name, and what was laid ready for another control plane with it. Names alone are asked for, never what the
 * tokens are. A cluster that is gone has none; where it does not answer they end by themselves, which is said.
 */
export async function deleteTokens(ctx: Writer, access: KubeAccess, name: string): Promise<string | undefined> {
  try {
    if (await hasCluster(ctx, access)) await deleteNamed(ctx, access, name);
    return undefined;
  } catch (error) {
    if (!isUnreachable(error) && !(error instanceof CpaasError && SILENT.has(error.code))) throw error;
    return `its cluster does not answer: a token that is left ends by itself within ${TTL}`;
  }
}

async function deleteNamed(ctx: Writer, access: KubeAccess, name: string): Promise<void> {
  const machine = ctx.host(access.host);
  const listed = await machine.query(reading(kubectl(access, ...TOKEN_SECRETS), { codes: [1, 127] }));
  if (listed.code !== 0) throw kubeFailure('kubectl get secrets', machine.name, listed);
  const named = secretNames(listed.stdout, [name, CERTIFICATES_TOKEN]);
  if (named.length === 0) return;
  const deleted = await machine.run(forget(access, [...named, CERTIFICATES]), { codes: [1] });
  if (deleted.code !== 0) throw kubeFailure('kubectl delete secret', machine.name, deleted);
}

async function hasCluster(ctx: Reader, { host }: KubeAccess): Promise<boolean> {
  return (await ctx.host(host).query(reading(['test', '-e', ADMIN_CONF], { codes: [1] }))).code === 0;
}

/** Lines of a secret's name and its description in base64. */
function secretNames(listed: string, descriptions: readonly string[]): readonly string[] {
  const wanted = new Set(descriptions.map((text) => Buffer.from(text).toString('base64')));
  const rows = listed.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([secret = '', description = '']) => (wanted.has(description) ? [secret] : []));
}

/** Takes secrets out of a failure: programs repeat what they were given. */
export function withoutSecrets(error: unknown, secrets: readonly string[]): unknown {
  if (!(error instanceof CpaasError)) return error;
  const clean = (text: string): string => secrets.reduce((rest, secret) => rest.replaceAll(secret, '•••'), text);
  return new CpaasError(error.code, clean(error.message), {
    evidence: error.evidence.map(({ label, text }) => ({ label, text: clean(text) })),
    next: error.next,
  });
}
