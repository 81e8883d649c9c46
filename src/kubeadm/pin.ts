import { createHash, X509Certificate } from 'node:crypto';

/**
 * What tells one cluster's certificate authority from every other: the SHA-256 of its public key (SubjectPublicKeyInfo, DER), written as
 * kubeadm's `caCertHashes` take it. Nothing where the text is no certificate.
 */
export function caPin(pem: string): string | undefined {
  try {
    const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
    return `sha256:${createHash('sha256').update(key).digest('hex')}`;
  } catch {
    return undefined;
  }
}
