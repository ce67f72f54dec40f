import { generateKeyPair, randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import { issueCertificate, type Name } from './certificate.js';
import type { Authority, MerchantRow, PlatformCertificate } from './merchant.js';

/** PEM: SPKI and PKCS #8. */
interface KeyPair {
  publicKey: string;
  privateKey: string;
}

/** RSA with 2048 bits, as WeChat Pay's. */
export type NewKeyPair = () => Promise<KeyPair>;

/** The certificate authority of this sandbox; nobody else trusts it. */
export async function issueAuthority(newKeyPair: NewKeyPair, now: Date): Promise<Authority> {
  const { publicKey, privateKey } = await newKeyPair();
  const { pem } = issueCertificate({
    subject: root,
    issuer: root,
    publicKeyPem: publicKey,
    issuerPrivateKeyPem: privateKey,
    authority: true,
    notBefore: now,
    notAfter: yearsAfter(now, 20),
  });
  return { certificatePem: pem, privateKeyPem: privateKey };
}

export async function issueMerchant(
  { mchid, appids }: { mchid: string; appids: readonly string[] },
  authority: Authority,
  newKeyPair: NewKeyPair,
  now: Date,
): Promise<MerchantRow> {
  const [api, publicKey, platform] = await Promise.all([
    newKeyPair(),
    newKeyPair(),
    issuePlatformCertificate(authority, newKeyPair, now),
  ]);
  const certificate = issueLeaf(mchid, 'Sandbox merchant', api.publicKey, authority, now);
  return {
    mchid,
    appid: appids[0] ?? `wx${randomText(16, '0123456789abcdef')}`,
    moreAppids: appids.slice(1),
    serialNo: certificate.serialNo,
    privateKeyPem: api.privateKey,
    certificatePem: certificate.pem,
    apiV3Key: randomText(32, alphanumerics),
    apiV2Key: randomText(32, alphanumerics),
    publicKeyId: `PUB_KEY_ID_01${mchid}${randomText(14, '0123456789')}`,
    publicKeyPem: publicKey.publicKey,
    publicKeyPrivatePem: publicKey.privateKey,
    platformCertificates: [platform],
    notifySigning: 'named',
    limits: {},
  };
}

export async function issuePlatformCertificate(
  authority: Authority,
  newKeyPair: NewKeyPair,
  now: Date,
): Promise<PlatformCertificate> {
  const keys = await newKeyPair();
  const { serialNo, pem } = issueLeaf('Sandbox platform sign', 'Sandbox platform', keys.publicKey, authority, now);
  return {
    serialNo,
    certificatePem: pem,
    privateKeyPem: keys.privateKey,
    effectiveAt: now.getTime(),
    expiresAt: yearsAfter(now, 5).getTime(),
  };
}

const root: Name = {
  organization: 'PaySaga Sandbox, not Tenpay.com',
  unit: 'Sandbox CA Center',
  commonName: 'PaySaga Sandbox Root CA',
};

const alphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function issueLeaf(commonName: string, unit: string, publicKeyPem: string, authority: Authority, now: Date) {
  return issueCertificate({
    subject: { commonName, unit, organization: root.organization },
    issuer: root,
    publicKeyPem,
    issuerPrivateKeyPem: authority.privateKeyPem,
    authority: false,
    notBefore: now,
    notAfter: yearsAfter(now, 5),
  });
}

const generate = promisify(generateKeyPair);

export const generateKeys: NewKeyPair = () =>
  generate('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

function randomText(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)] ?? '').join('');
}

function yearsAfter(at: Date, years: number): Date {
  const later = new Date(at);
  later.setUTCFullYear(later.getUTCFullYear() + years);
  return later;
}
