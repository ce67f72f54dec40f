import { generateKeyPairSync } from 'node:crypto';
import { issueCertificate } from '../../../src/sandbox/identity/certificate.js';

const HOUR_MS = 3_600_000;

/** A certificate for `hostname`, which is its own authority, and its key; good for the hours around now. */
export function selfSigned(hostname: string): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const name = { commonName: hostname, organization: 'Shop', unit: 'Webhooks' };
  const { pem } = issueCertificate({
    subject: name,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    issuer: name,
    issuerPrivateKeyPem: key,
    notBefore: new Date(Date.now() - HOUR_MS),
    notAfter: new Date(Date.now() + 24 * HOUR_MS),
    authority: false,
  });
  return { key, cert: pem };
}
