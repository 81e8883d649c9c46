import { CpaasError, type Evidence } from '../core/errors.ts';
import type { Output } from '../core/transport.ts';

const unreachable =
  /was refused|(?<!webhook.*)connection refused|Unable to connect to the server|i\/o timeout|TLS handshake timeout|context deadline exceeded|no route to host|connection reset|ServiceUnavailable|apiserver not ready|network is unreachable|server is currently unable/i;
/** Of the evidence that quotes the other side. */
const ANSWER = 'answer';
/** kubectl without a server: what it falls back to nobody means. */
const noServer = /(?:server |\/\/)localhost:8080\b/;
const badLogin =
  /You must be logged in to the server|(?<!webhook.*)asked for the client to provide credentials|connection is unauthorized: Unauthorized|getting credentials:|remote error: tls: (?:bad|expired|unknown) certificate/is;
const badCertificate = /(?<!webhook.*)(?:failed to verify certificate|x509: )/s;
/** What begins so has come over a connection that was trusted: whose certificate it speaks of is another's. */
const byServer = /^Error from server/m;
const badConfig =
  /^error: (stat|open|loading|error loading)|invalid configuration|context .* (does not exist|was not found)|no such file or directory|Please enter Username/im;

/** What kubectl or calicoctl said when it failed, as an error of cpaas. `what` is what was asked: `kubectl get nodes`. */
export function kubeFailure(what: string, host: string, { stdout, stderr, code }: Output): CpaasError {
  const text = (withoutLog(stderr) || stdout.trim() || lastOfLog(stderr) || `ended with ${code}`).slice(0, 1000);
  const evidence = [
    { label: 'asked', text: what },
    { label: ANSWER, text },
  ];
  const error = (kind: 'TOOL' | 'CONFIG' | 'LOGIN' | 'TRUST' | 'UNREACHABLE' | 'KIND' | 'REFUSED', message: string) =>
    new CpaasError(`KUBE.${kind}`, message, { evidence });
  // A program inside a pod that is not there ends with 127 too, and a dead node looks like a dead API: kubectl exec says which, some
  // in the words of the request that the API has sent to the node.
  const inPod = /command terminated|dialing backend|upgrade connection|error sending request: Post "[^"]*\/exec\//.test(
    text,
  );
  if (code === 127 && !inPod) return error('TOOL', `${what.split(' ', 1)[0]} is not installed on ${host}`);
  if (/version mismatch/i.test(text)) return versionMismatch(host, evidence);
  const missing = missingRights(text);
  if (missing.length > 0) return forbidden(host, missing, evidence);
  if (noServer.test(text) && !inPod) return error('CONFIG', `the kubeconfig on ${host} names no server`);
  if (badLogin.test(text) && !inPod)
    return error('LOGIN', `the Kubernetes API refuses the login of the kubeconfig on ${host}`);
  if (badCertificate.test(text) && !byServer.test(text) && !inPod)
    return error('TRUST', `${host} does not trust the certificate of the Kubernetes API`);
  if (unreachable.test(text) && !inPod) return error('UNREACHABLE', `the Kubernetes API does not answer ${host}`);
  if (badConfig.test(text) && !inPod) return error('CONFIG', `the kubeconfig on ${host} leads to no cluster`);
  if (/doesn't have a resource type|no matches for kind/.test(text))
    return error('KIND', 'the cluster does not serve a kind of object that cpaas needs: Calico may not be installed');
  return error('REFUSED', `the Kubernetes API refused: ${reason(text)}`);
}

/** Rights that the API says are missing, in its order: `list nodes`, `create secrets in calico-system`. */
function missingRights(text: string): readonly string[] {
  const said = text.matchAll(
    /cannot (\S+) resource "([^"]+)"(?: in API group "([^"]*)")?(?: in the namespace "([^"]+)")?/g,
  );
  const rights = [...said].map(([, verb, resource, group = '', namespace]) => {
    const kind = group === '' ? resource : `${resource}.${group}`;
    return `${verb} ${kind}${namespace === undefined ? '' : ` in ${namespace}`}`;
  });
  return [...new Set(rights)];
}

/** All that one answer names: whoever grants rights wants to be asked once. */
function forbidden(host: string, missing: readonly string[], evidence: readonly Evidence[]): CpaasError {
  const message = `the user of the kubeconfig on ${host} may not ${missing.join(', nor ')}`;
  return new CpaasError('KUBE.FORBIDDEN', message, {
    evidence,
    next: [{ label: 'have these rights granted, or name the kubeconfig of somebody who has them' }],
  });
}

/** What the API says while its etcd chooses another leader or is slow, and what kubectl says of a connection that ended meanwhile. */
const passing =
  /etcdserver: (leader changed|request timed out|no leader)|Error from server \((Server)?Timeout\)|unexpected EOF/;

/** Whether a failure is the API's and may be over with the next try: it does not answer, or its answer was cut short. */
export function isPassing(error: unknown): error is CpaasError {
  if (!(error instanceof CpaasError)) return false;
  if (error.code !== 'KUBE.REFUSED') return error.code === 'KUBE.UNREACHABLE';
  return error.evidence.some(({ label, text }) => label === ANSWER && passing.test(text));
}

/** kubectl tells each failed try of its own in its log format, before it says what came of them. */
const withoutLog = (stderr: string): string => stderr.replaceAll(/^[EWI]\d{4} \d\d:\d\d:\d\d.*\n?/gm, '').trim();

/** What the last of these lines quotes, or says, without time, process and place in the source; where nothing else was said. */
function lastOfLog(stderr: string): string {
  const said = (stderr.trim().split('\n').at(-1) ?? '').replace(/^\S+ +\S+ +\d+ [^\]]*\] /, '');
  return /err="((?:[^"\\]|\\.)*)"/.exec(said)?.[1]?.replaceAll('\\"', '"') ?? said;
}

/** calicoctl works only with a cluster of its own version. */
function versionMismatch(host: string, evidence: readonly Evidence[]): CpaasError {
  return new CpaasError('CALICO.VERSION', `calicoctl on ${host} is not of the version of Calico in the cluster`, {
    evidence,
    next: [{ label: 'see both versions', command: 'calicoctl version' }],
  });
}

/** `Error from server (Forbidden): …` without what every such line begins with. */
const reason = (text: string): string =>
  (text.split('\n').find((line) => /error|fail|invalid/i.test(line)) ?? text.split('\n')[0] ?? text)
    .replace(/^error: |^Error from server:? /i, '')
    .trim();
