import { CpaasError, type NextAction } from '../core/errors.ts';
import { NoProxyUrl } from '../net/proxies.ts';
import { NoReply, ProxyFailure } from './client.ts';
import { around, askedOf, rootOf, unreachable, type Wanted } from './failures.ts';

/** What kept a request from its server, for a person; `passing` where asking again may help. */
export interface WayFailure {
  readonly error: CpaasError;
  readonly passing: boolean;
}

/** Tells what a `Client` rejected with: a proxy, a certificate, or a server that does not answer. Throws what is none of these. */
export function wayFailure(wanted: Wanted, cause: unknown): WayFailure {
  if (cause instanceof NoProxyUrl)
    return {
      passing: false,
      error: new CpaasError('ARTIFACT.PROXY', `${wanted.name} cannot be fetched: ${cause.message}`, {
        evidence: askedOf(wanted),
        next: [{ label: `${cause.advice}: ${cause.variable}` }],
      }),
    };
  if (cause instanceof ProxyFailure)
    return {
      passing: cause.status === undefined || cause.status === 429 || cause.status >= 500,
      error: throughProxy(wanted, cause),
    };
  if (!(cause instanceof NoReply)) throw cause;
  const code = certificateTrouble(cause);
  if (code !== undefined) return { passing: false, error: untrusted(wanted, cause, code) };
  return { passing: true, error: unreachable(wanted, cause) };
}

/** The proxy answers in place of the server, or not at all. */
function throughProxy(wanted: Wanted, { url, proxy, status, message, cause }: ProxyFailure): CpaasError {
  const { host } = new URL(url);
  return new CpaasError('ARTIFACT.PROXY', `${wanted.name} cannot be fetched: the proxy ${proxy} ${message}`, {
    ...(cause === undefined ? {} : { cause }),
    evidence: [
      ...askedOf(wanted, url),
      ...(status === undefined && cause !== undefined ? [{ label: 'seen', text: rootOf(cause) }] : []),
    ],
    next: [
      ...(status === undefined
        ? [{ label: 'see that https_proxy and http_proxy name the proxy of this network' }]
        : []),
      ...(ADVICE[status ?? 0]?.(host) ?? []),
      { label: `where ${host} is reached without a proxy: name it in no_proxy` },
    ],
  });
}

const ADVICE: Readonly<Record<number, (host: string) => readonly NextAction[]>> = {
  407: () => [
    { label: 'it wants a login: https_proxy=http://USER:PASSWORD@PROXY:PORT, with %XX for what is no letter or digit' },
  ],
  403: (host) => [{ label: `whoever runs the proxy has to let ${host} through` }],
  502: (host) => [{ label: `the proxy does not reach ${host} itself` }],
  503: (host) => [{ label: `the proxy does not reach ${host} itself` }],
  504: (host) => [{ label: `the proxy does not reach ${host} itself` }],
};

/** What node and OpenSSL call a certificate that is not believed: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE = /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA)/;

function certificateTrouble(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('code' in cause && CERTIFICATE.test(String(cause.code))) return String(cause.code);
  return undefined;
}

function untrusted(wanted: Wanted, cause: NoReply, code: string): CpaasError {
  const { host } = new URL(cause.url);
  const message = `${wanted.name} cannot be fetched: the certificate of ${host} is not one that can be trusted`;
  const ways: readonly NextAction[] = /EXPIRED|NOT_YET_VALID/.test(code)
    ? [
        {
          label: 'see that the clock of this machine is right; otherwise the certificate has to be renewed',
          command: 'date',
        },
      ]
    : /ALTNAME|HOSTNAME/.test(code)
      ? [{ label: 'it is one for another name: see who answers there, and the name in spec.artifacts.mirror' }]
      : [
          {
            label: 'a CA of your own, or of a proxy that reads along: name the file with its certificate',
            command: 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem cpaas up',
          },
        ];
  return new CpaasError('ARTIFACT.TLS', message, {
    cause,
    evidence: [...askedOf(wanted, cause.url), { label: 'seen', text: `${rootOf(cause)} (${code})` }],
    next: [...ways, ...around(wanted)],
  });
}
