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
  { mchid, appids, protocol = 'v3' }: { mchid: string; appids: readonly string[]; protocol?: MerchantRow['protocol'] },
  authority: Authority,
  newKeyPair: NewKeyPair,
  now: Date,
): Promise<MerchantRow> {
  const [api, publicKey, platform] = await Promise.all([
    newKeyPair(),
    newKeyPair(),
    issuePlatformCertificate(authority, newKeyPair, now),
  ]);
  const certificate = issueLeaf({ name: mchid, unit: 'Sandbox merchant' }, api.publicKey, authority, now);
  return {
    mchid,
    protocol,
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
  const subject = { name: 'Sandbox platform sign', unit: 'Sandbox platform' };
  const { serialNo, pem } = issueLeaf(subject, keys.publicKey, authority, now);
  return {
    serialNo,
    certificatePem: pem,
    privateKeyPem: keys.privateKey,
    effectiveAt: now.getTime(),
    expiresAt: yearsAfter(now, 5).getTime(),
  };
}

/** For the TLS port of API v2: a key of its own at every start, under the authority that clients know. */
export async function issueServer(authority: Authority, hosts: readonly string[], now: Date) {
  const { publicKey, privateKey } = await generate('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const { pem } = issueLeaf({ name: 'Sandbox server', unit: 'Sandbox server', hosts }, publicKey, authority, now);
  return { certificatePem: pem, privateKeyPem: privateKey };
}

const root: Name = {
  organization: 'PaySaga Sandbox, not Tenpay.com',
  unit: 'Sandbox CA Center',
  commonName: 'PaySaga Sandbox Root CA',
};

const alphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

interface Leaf {
  name: string;
  unit: string;
  /** Addresses and host names of a TLS server. */
  hosts?: readonly string[];
}

function issueLeaf({ name, unit, hosts = [] }: Leaf, publicKeyPem: string, authority: Authority, now: Date) {
  return issueCertificate({
    subject: { commonName: name, unit, organization: root.organization },
    issuer: root,
    publicKeyPem,
    issuerPrivateKeyPem: authority.privateKeyPem,
    authority: false,
    hosts,
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
